using MailServer.Domain.Mailboxes;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for requests and replies about annotations.</summary>
internal static class AnnotationCodecs
{
    public static IEnumerable<WireCodec> Requests() =>
    [
        Create<MailboxRequest.GetAnnotations>(
            "mailbox.get-annotations-1",
            (w, m) => { w.MaybeValue(m.Folder, w.Folder); w.List(m.Names, w.Text); w.Enum(m.Depth); },
            r => new(r.MaybeValue(r.Folder), r.List(r.Text), r.Enum<AnnotationDepth>())),
        Create<MailboxRequest.SetAnnotations>(
            "mailbox.set-annotations-1",
            (w, m) => { w.MaybeValue(m.Folder, w.Folder); w.List(m.Changes, a => Write(w, a)); },
            r => new(r.MaybeValue(r.Folder), r.List(() => Read(r)))),
    ];

    public static IEnumerable<WireCodec> Replies() =>
        [Create<MailboxReply.Annotations>("mailbox.annotations-1", (w, m) => w.List(m.All, a => Write(w, a)), r => new(r.List(() => Read(r))))];

    public static void Write(WireWriter w, AnnotationsChanged m)
    {
        w.MaybeValue(m.Folder, w.Folder);
        w.List(m.Names, w.Text);
    }

    public static AnnotationsChanged ReadChange(WireReader r) => new(r.MaybeValue(r.Folder), r.List(r.Text));

    private static void Write(WireWriter w, Annotation m)
    {
        w.Text(m.Name);
        w.MaybeValue(m.Value, v => w.Bytes(v.Span));
    }

    private static Annotation Read(WireReader r) => new(r.Text(), r.MaybeValue<ReadOnlyMemory<byte>>(() => r.Bytes()));
}
