"""The sentences about photos. Part of `WORDS` (words.py), in the same shape."""

from __future__ import annotations

PHOTO_WORDS: dict[str, tuple[str, str]] = {
    "form.photos": ("照片", "Photos"),
    "form.photos.none": ("可不拍", "optional"),
    "form.photos.some": ("{n} 张", "{n} photos"),
    "form.photos.busy": ("处理中 {n} 张，可以先存", "{n} being made small; you can save now"),
    "form.photos.rule": ("不拍递钱、不拍未成年人的脸。", "No money being handed over, no face of a minor."),
    "form.photos.take": ("拍照", "Take a photo"),
    "form.photos.pick": ("选照片", "Choose photos"),
    "form.photo.kind.label": ("第 {n} 张是{name}", "Photo {n} is: {name}"),
    "form.photo.drop": ("去掉", "Remove"),
    "form.photo.drop.label": ("去掉第 {n} 张照片", "Remove photo {n}"),
    "form.photo.consent": ("第 {n} 张：本人怎么同意的", "Photo {n}: how consent was given"),
    "form.photo.consent.said": ("本人口头同意", "agreed by word"),
    "form.photo.consent.said.label": ("第 {n} 张：本人口头同意", "Photo {n}: agreed by word"),
    "form.photo.consent.missing": (
        "宣传用的照片要写下本人怎么同意的",
        "For publicity, write down how consent was given",
    ),
    "photo.shown.label": ("第 {n} 张照片", "Photo {n}"),
    "photo.kind.SCENE": ("现场", "Scene"),
    "photo.kind.DOCUMENT": ("证件材料", "Document"),
    "photo.kind.PUBLICITY": ("宣传", "Publicity"),
    "photo.kind.VIDEO": ("短视频", "Short video"),
    "photo.kept": ("存在本机", "kept on this phone"),
    "photo.sending": ("传到 {percent}%", "{percent}% sent"),
    "photo.proven": ("市里已收到", "city has it"),
    "photo.cleared": ("市里已收到，本机的已清理", "city has it; removed from this phone"),
    "photo.refused": ("没收下：{reason}", "not accepted: {reason}"),
    "photo.line": ("照片 {n} {kind}：{state}", "Photo {n}, {kind}: {state}"),
    "photo.again": ("重传这一张", "Send this one again"),
    "photo.again.label": ("重传第 {n} 张照片", "Send photo {n} again"),
    "state.photos": ("照片 {n} 张，市里已收到 {proven} 张", "{n} photos, the city has {proven}"),
    "state.photos.all": ("照片 {n} 张，市里都收到了", "{n} photos, the city has all"),
    "net.wifi": ("照片等 Wi-Fi 再传，共 {size}", "Photos wait for Wi-Fi, {size}"),
    "net.unsure": (
        "看不出现在是不是 Wi-Fi，照片先不传，共 {size}",
        "Cannot tell whether this is Wi-Fi; photos wait, {size}",
    ),
    "net.wifi.now": ("现在就传", "Send now"),
    "net.wifi.now.label": ("照片现在就传", "Send the photos now"),
    "photos.sending": ("正在传照片 {done} / {all}", "Sending photos, {done} of {all}"),
    "photos.waiting": (
        "{n} 张照片还没传完，共 {size}，过一会自动再传",
        "{n} photos are not sent yet, {size}; they will be tried again",
    ),
    "photos.refused": (
        "{n} 张照片没收下，点开那条记录看原因",
        "{n} photos were not accepted; the record says why",
    ),
    "storage.low": (
        "手机快满了，照片先别拍，走访照样能记",
        "Phone is almost full. Skip photos; visits still save",
    ),
    "me.photos.wifi": ("照片只用 Wi-Fi 传", "Send photos by Wi-Fi only"),
    "me.photos.mark": ("照片上写日期和乡镇", "Write date and township on photos"),
}

PHOTO_WORDS_OF_ONE_EN: dict[str, str] = {
    "form.photos.some": "1 photo",
    "form.photos.busy": "1 being made small; you can save now",
    "state.photos": "1 photo, the city has {proven}",
    "state.photos.all": "1 photo, the city has it",
    "photos.waiting": "1 photo is not sent yet, {size}; it will be tried again",
    "photos.refused": "1 photo was not accepted; the record says why",
}
