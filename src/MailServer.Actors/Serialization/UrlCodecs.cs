using MailServer.Domain.Mailboxes;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for requests and replies about signed URLs.</summary>
internal static class UrlCodecs
{
    public static IEnumerable<WireCodec> Requests() =>
    [
        Create<MailboxRequest.SignUrl>("mailbox.sign-url-1", (w, m) => { w.Folder(m.Folder); w.Text(m.Url); }, r => new(r.Folder(), r.Text())),
        Create<MailboxRequest.VerifyUrl>(
            "mailbox.verify-url-1",
            (w, m) => { w.Folder(m.Folder); w.Text(m.Url); w.Text(m.Token); w.MaybeValue(m.Expiry, w.Time); },
            r => new(r.Folder(), r.Text(), r.Text(), r.MaybeValue(r.Time))),
        Create<MailboxRequest.ResetUrlKeys>("mailbox.reset-url-keys-1", (w, m) => w.MaybeValue(m.Folder, w.Folder), r => new(r.MaybeValue(r.Folder))),
    ];

    public static IEnumerable<WireCodec> Replies() =>
    [
        Create<MailboxReply.UrlSigned>("mailbox.url-signed-1", (w, m) => w.Text(m.Token), r => new(r.Text())),
        Create<MailboxReply.UrlVerified>(
            "mailbox.url-verified-1", (w, m) => { w.Long(m.Folder.Value); w.Long(m.Validity.Value); }, r => new(new FolderId(r.Long()), new UidValidity((uint)r.Long()))),
    ];
}
