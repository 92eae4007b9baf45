using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Annotations;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>SETMETADATA (RFC 5464 §4.3): all annotations or none.</summary>
internal sealed record SetMetadataCommand(FolderName? Folder, bool IsServer, IReadOnlyList<Annotation> Changes) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && AnnotationReader.ReadPlace(ref reader, out var folder, out var isServer) && reader.ReadSpace() && AnnotationReader.ReadValues(ref reader, out var values)
            ? new SetMetadataCommand(folder, isServer, values) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is null && !IsServer)
        {
            session.Refuse(ImapError.NoSuchFolder);
        }
        else if (IsServer && Changes.Any(static c => c.Name.StartsWith(AnnotationName.Shared, StringComparison.OrdinalIgnoreCase)))
        {
            // §3.2.1.1: what all users of the server see is the administrator's.
            session.Refuse(ImapError.PermissionDenied);
        }
        else if (Changes.Any(c => c.Value?.Length > session.Limits.AnnotationValue))
        {
            session.RefuseLargeAnnotation();
        }
        else
        {
            yield return ImapSession.Request(new MailboxRequest.SetAnnotations(Folder, Changes));
            session.Conclude("SETMETADATA completed");
        }
    }
}
