using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Names;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>LIST (RFC 3501 §6.3.8), with the subset of the RFC 5258 syntax that SPECIAL-USE needs (RFC 6154 §3).</summary>
internal sealed record ListCommand(string Reference, IReadOnlyList<string> Patterns, ListSelectionOptions SelectionOptions) : ImapCommand
{
    private const int MaxPatterns = 16;

    public static ImapCommand? Read(ref ImapReader reader)
    {
        var only = ListSelectionOptions.None;
        if (!reader.ReadSpace()) return null;
        if (reader.Rest is [(byte)'(', ..] && !(ReadOptions(ref reader, out only) && reader.ReadSpace())) return null;
        if (!reader.ReadAString(out var reference) || !reader.ReadSpace()) return null;
        var from = Encoding.UTF8.GetString(reference);
        if (!ReadPatterns(ref reader, out var patterns)) return null;
        // Return options are accepted and ignored: all supported attributes are always returned.
        if (reader.TryReadWord(" RETURN "u8) && !ReadOptions(ref reader, out _)) return null;
        return new ListCommand(from, patterns, only);
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Patterns is [""])
        {
            // RFC 3501 §6.3.8: an empty pattern requests the hierarchy delimiter.
            var writer = new ImapWriter(session.Output);
            writer.Write("* LIST (\\Noselect) \"/\" \"\"\r\n"u8);
            writer.Commit();
            session.Ok("LIST completed");
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.ListFolders());
        if (session.Reply is MailboxReply.Folders folders)
        {
            WriteMatches(session, folders);
            session.Ok("LIST completed");
        }
        else
        {
            session.RefuseWithMailboxReply();
        }
    }

    private void WriteMatches(ImapSession session, MailboxReply.Folders folders)
    {
        var patterns = ListedPatterns(Reference, Patterns);
        var writer = new ImapWriter(session.Output);
        foreach (var folder in FolderHierarchy.Build(folders.All))
        {
            if (SelectionOptions.HasFlag(ListSelectionOptions.SpecialUse) && folder.Role == FolderRole.None) continue;
            if (SelectionOptions.HasFlag(ListSelectionOptions.Subscribed) && !folders.Subscriptions.Contains(folder.Name)) continue;
            if (Matches(patterns, folder.Name)) folder.Write(ref writer, "LIST"u8);
        }

        writer.Commit();
    }

    /// <summary>The patterns joined to the reference, in Unicode. Patterns that are not valid modified UTF-7 match nothing and are left out.</summary>
    internal static List<ListPattern> ListedPatterns(string reference, IReadOnlyList<string> patterns)
    {
        var read = new List<ListPattern>(patterns.Count);
        foreach (var pattern in patterns)
        {
            var whole = reference + pattern;
            if (whole.Length <= 2 * Limits.Default.FolderName && ModifiedUtf7.TryDecode(Encoding.UTF8.GetBytes(whole), out var text))
                read.Add(new ListPattern(text));
        }

        return read;
    }

    internal static bool Matches(List<ListPattern> patterns, FolderName name)
    {
        foreach (var pattern in patterns)
            if (pattern.Matches(name)) return true;
        return false;
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

    private static bool ReadOptions(ref ImapReader reader, out ListSelectionOptions options)
    {
        options = ListSelectionOptions.None;
        if (!reader.TryRead((byte)'(')) return false;
        if (reader.TryRead((byte)')')) return true;
        do
        {
            if (reader.TryReadWord("SPECIAL-USE"u8)) options |= ListSelectionOptions.SpecialUse;
            else if (reader.TryReadWord("SUBSCRIBED"u8)) options |= ListSelectionOptions.Subscribed;
            else if (!reader.TryReadWord("CHILDREN"u8)) return false;
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')');
    }
}

/// <summary>The selection options of LIST.</summary>
[Flags]
internal enum ListSelectionOptions
{
    None = 0,
    SpecialUse = 1,
    Subscribed = 2,
}
