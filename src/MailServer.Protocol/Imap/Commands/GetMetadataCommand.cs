using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Annotations;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>GETMETADATA (RFC 5464 §4.2): annotations of a folder, or of the server and what the user has noted for all folders.</summary>
internal sealed record GetMetadataCommand(FolderName? Folder, bool IsServer, AnnotationSelection Selection) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        var selection = new AnnotationSelection([]);
        if (!reader.ReadSpace() || !AnnotationSelection.ReadOptions(ref reader, ref selection)) return null;
        if (!AnnotationReader.ReadPlace(ref reader, out var folder, out var isServer) || !reader.ReadSpace()) return null;
        if (!AnnotationSelection.ReadOptions(ref reader, ref selection) || !AnnotationReader.ReadNames(ref reader, out var names)) return null;
        return new GetMetadataCommand(folder, isServer, selection with { Names = names });
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is null && !IsServer)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.GetAnnotations(Folder, Selection.Names, Selection.Depth));
        if (session.Reply is not MailboxReply.Annotations { All: var found })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        var told = Selection.Complete(found, out var longest);
        var writer = new ImapWriter(session.Output);
        AnnotationWriter.Write(ref writer, Folder, told, session.Enabled.Utf8Names);
        writer.Commit();
        session.Ok("GETMETADATA completed", longest == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"METADATA LONGENTRIES {longest}"));
    }
}
