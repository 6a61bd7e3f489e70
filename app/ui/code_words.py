"""What the codes of app.domain.codes are called on a screen: their own term in Chinese, a word in English."""

from __future__ import annotations

from app.domain.codes import (
    Assistance,
    AwayStatus,
    CardState,
    ConfirmationMethod,
    ConfirmationResult,
    Employment,
    ExemplaryKind,
    FileState,
    HonourLevel,
    LabelledCode,
    NeedCause,
    NeedOutcome,
    NeedSeverity,
    NeedState,
    NeedType,
    OpinionTarget,
)
from app.ui.theme import Language

ENGLISH: dict[type[LabelledCode], dict[str, str]] = {
    NeedType: {
        "LIVING": "Living", "MEDICAL": "Medical", "HOUSING": "Housing", "EMPLOYMENT": "Work",
        "EDUCATION": "Schooling", "ELDER_CARE": "Elder care", "PSYCH": "Distress", "LEGAL": "Legal",
        "SOCIAL_INSURANCE": "Insurance", "CARD_FILE": "Papers", "OTHER": "Other",
    },
    NeedSeverity: {"1": "Minor", "2": "Moderate", "3": "Serious", "4": "Urgent"},
    NeedCause: {
        "ILLNESS": "Illness or disability", "JOBLESS": "Out of work", "OLD_INJURY": "Old injury",
        "SUDDEN": "Sudden event", "OTHER": "Other",
    },
    NeedState: {
        "FOUND": "Found", "VERIFIED": "Verified", "NOT_CONFIRMED": "Not confirmed", "REPORTED": "Reported",
        "ACCEPTED": "Accepted", "RETURNED": "Sent back", "ASSIGNED": "Assigned",
        "IN_PROGRESS": "In progress", "CLOSED": "Closed", "FOLLOWED_UP": "Followed up",
    },
    NeedOutcome: {
        "SOLVED": "Solved", "PARTLY": "Partly solved", "EXPLAINED": "Not covered, explained",
        "REFERRED": "Referred", "WITHDRAWN": "Withdrawn",
    },
    Assistance: {
        "TEMPORARY_AID": "Temporary aid", "HARDSHIP_AID": "Hardship aid", "CARE_FUND": "Care fund",
        "CASH": "Cash", "GOODS": "Goods", "JOB_REFERRAL": "Job referral", "TRAINING": "Training",
        "BUSINESS_SUPPORT": "Business support", "LEGAL_AID": "Legal aid", "MEDICAL_AID": "Medical aid",
        "HOUSE_REPAIR": "House repair", "SCHOOLING": "Schooling", "CARE_SERVICE": "Care service",
        "COUNSELLING": "Counselling", "SOCIAL_INSURANCE": "Insurance", "ENTITLEMENT_AGENCY": "Paperwork done",
        "POLICY_ANSWER": "Policy explained", "REFERRAL": "Referral",
    },
    OpinionTarget: {"POLICY": "Policy", "WORK": "Our work", "WORKER": "Workers", "OTHER": "Other"},
    ConfirmationMethod: {
        "GROUP": "Group session", "APPOINTMENT": "By appointment", "HOME": "At home", "PHONE": "Phone",
        "VIDEO": "Video", "FACE_CHECK": "Face check",
    },
    ConfirmationResult: {
        "NORMAL": "As before", "CHANGED": "Details changed", "DECEASED": "Deceased", "MOVED_OUT": "Moved out",
        "LOST": "Lost contact", "PUT_OFF": "Put off",
    },
    CardState: {
        "NONE": "Not applied", "APPLIED": "Accepted", "IN_REVIEW": "In review", "IN_MAKING": "Being made",
        "AT_COUNTY": "At the county", "ISSUED": "Handed out", "ACTIVATED": "Activated",
        "INELIGIBLE": "Not eligible", "DECLINED": "Declined", "LOST": "Lost, replacing",
        "CANCELLED": "Cancelled",
    },
    FileState: {
        "NONE": "No file", "IN_PROGRESS": "In progress", "FILED": "Filed", "NEEDS_UPDATE": "Needs update",
    },
    ExemplaryKind: {"VETERAN": "Veteran", "FAMILY": "Family"},
    HonourLevel: {
        "NATION": "National", "PROVINCE": "Provincial", "CITY": "City", "COUNTY": "County",
        "TOWNSHIP": "Township",
    },
    Employment: {
        "EMPLOYED": "Employed", "FLEXIBLE": "Odd jobs", "BUSINESS": "Own business", "FARMING": "Farming",
        "UNEMPLOYED": "Out of work", "LAID_OFF": "Laid off", "SEEKING": "Seeking work", "RETIRED": "Retired",
        "UNABLE": "Unable to work", "STUDENT": "Student",
    },
    AwayStatus: {
        "HOME": "At home", "AWAY": "Away", "OUT_OF_COUNTY": "Out of county", "OUT_OF_CITY": "Out of city",
        "OUT_OF_PROVINCE": "Out of province", "ABROAD": "Abroad",
    },
}  # fmt: skip


def code_words(language: Language, codes: type[LabelledCode], code: str) -> str:
    """What `code` of `codes` is called; the code itself where it is not known (a newer server's)."""
    if language == "en":
        return ENGLISH[codes].get(code, code)
    return next((known.label for known in codes if known.value == code), code)
