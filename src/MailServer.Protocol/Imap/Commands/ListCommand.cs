using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Annotations;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Listing;
using MailServer.Protocol.Imap.Names;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>LIST (RFC 3501 §6.3.8) with the extended syntax of RFC 5258.</summary>
internal sealed record ListCommand(string Reference, IReadOnlyList<string> Patterns, ListOptions Options) : ImapCommand
{
    private const int MaxPatterns = 16;

    public static ImapCommand? Read(ref ImapReader reader)
    {
        var options = new ListOptions();
        if (!reader.ReadSpace()) return null;
        if (reader.Rest is [(byte)'(', ..])
        {
            if (!ListOptions.ReadSelections(ref reader, out var selections) || !reader.ReadSpace()) return null;
            options = options with { IsExtended = true, Selections = selections };
        }

        if (!reader.ReadAString(out var reference) || !reader.ReadSpace()) return null;
        var from = Encoding.UTF8.GetString(reference);
        if (reader.Rest is [(byte)'(', ..]) options = options with { IsExtended = true };
        if (!ReadPatterns(ref reader, out var patterns)) return null;
        if (!reader.TryReadWord(" RETURN "u8)) return new ListCommand(from, patterns, options);
        options = options with { IsExtended = true };
        return ListOptions.ReadReturns(ref reader, ref options) ? new ListCommand(from, patterns, options) : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Patterns is [""] && !Options.IsExtended)
        {
            // RFC 3501 §6.3.8: an empty pattern requests the hierarchy delimiter.
            var writer = new ImapWriter(session.Output);
            writer.Write("* LIST (\\Noselect) \"/\" \"\"\r\n"u8);
            writer.Commit();
            session.Ok("LIST completed");
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.ListFolders());
        if (session.Reply is not MailboxReply.Folders folders)
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        foreach (var listed in new FolderHierarchy(folders, Options).Select(ListedPatterns(Reference, Patterns, session.Enabled.Utf8Names)))
        {
            // A name that is listed only because of its children has no STATUS response (RFC 5819 §3).
            var hasStatus = Options.Status.Count > 0 && listed is { IsFolder: true, IsSelected: true };
            if (hasStatus) yield return ImapSession.Request(StatusItems.Request(listed.Name, Options.Status));
            Write(session, listed, hasStatus ? session.Reply : null);
            if (Options.ReturnsRights && listed is { IsFolder: true, IsSelected: true })
            {
                yield return ImapSession.Request(new MailboxRequest.GetRights(listed.Name));
                if (session.Reply is MailboxReply.Rights { Mine: var rights }) MyRightsCommand.Write(session, listed.Name, rights);
            }

            if (Options.Annotations.Count == 0 || listed is not { IsFolder: true, IsSelected: true }) continue;
            yield return ImapSession.Request(new MailboxRequest.GetAnnotations(listed.Name, Options.Annotations, AnnotationDepth.Itself));
            WriteAnnotations(session, listed.Name);
        }

        session.Ok("LIST completed");
    }

    private void Write(ImapSession session, ListedFolder listed, MailboxReply? reply)
    {
        var writer = new ImapWriter(session.Output);
        // A folder that has been removed meanwhile must not seem to be selectable (RFC 5819 §2).
        var isGone = reply is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchFolder };
        (isGone ? listed with { IsFolder = false } : listed).Write(ref writer, Options, session.Enabled);
        if (reply is MailboxReply.Status { Folder: var status }) StatusItems.Write(ref writer, listed.Name, status, Options.Status, session.Limits.MaxMessageSize, session.Enabled.Utf8Names);
        writer.Commit();
    }

    // A folder whose annotations cannot be read is listed without them (RFC 9590 §3).
    private void WriteAnnotations(ImapSession session, FolderName folder)
    {
        if (session.Reply is not MailboxReply.Annotations { All: var found }) return;
        var writer = new ImapWriter(session.Output);
        AnnotationWriter.Write(ref writer, folder, new AnnotationSelection(Options.Annotations).Complete(found, out _), session.Enabled.Utf8Names);
        writer.Commit();
    }

    /// <summary>The patterns joined to the reference, in Unicode. Patterns that are not valid names match nothing and are left out.</summary>
    internal static List<ListPattern> ListedPatterns(string reference, IReadOnlyList<string> patterns, bool isUtf8)
    {
        var read = new List<ListPattern>(patterns.Count);
        foreach (var pattern in patterns)
        {
            var whole = reference + pattern;
            if (whole.Length <= 2 * Limits.Default.FolderName && FolderNameText.TryDecode(Encoding.UTF8.GetBytes(whole), isUtf8, out var text))
                read.Add(new ListPattern(text));
        }

        return read;
    }

    private static bool ReadPatterns(ref ImapReader reader, out List<string> patterns)
    {
        patterns = [];
        var isList = reader.TryRead((byte)'(');
        do
        {
            if (!reader.ReadListMailbox(out var pattern) || patterns.Count == MaxPatterns) return false;
            patterns.Add(Encoding.UTF8.GetString(pattern));
        }
        while (isList && reader.ReadSpace());
        return !isList || reader.TryRead((byte)')');
    }
}
