using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Names;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// LSUB (RFC 3501 §6.3.9): lists subscribed names. With a pattern that ends in <c>%</c>, an unsubscribed name with subscribed descendants is listed
/// as <c>\Noselect</c>.
/// </summary>
internal sealed record LsubCommand(string Reference, string Pattern) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace() || !reader.ReadAString(out var reference)) return null;
        var from = Encoding.UTF8.GetString(reference);
        return reader.ReadSpace() && reader.ReadListMailbox(out var pattern) ? new LsubCommand(from, Encoding.UTF8.GetString(pattern)) : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        yield return ImapSession.Request(new MailboxRequest.ListFolders());
        if (session.Reply is MailboxReply.Folders folders)
        {
            WriteMatches(session, folders.Subscriptions);
            session.Ok("LSUB completed");
        }
        else
        {
            session.RefuseWithMailboxReply();
        }
    }

    private void WriteMatches(ImapSession session, IReadOnlySet<FolderName> subscriptions)
    {
        var patterns = ListCommand.ListedPatterns(Reference, [Pattern], session.Enabled.Utf8Names);
        var listed = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var name in subscriptions)
        {
            if (ListPattern.Any(patterns, name)) listed[name.Value] = true;
            if (!Pattern.EndsWith('%')) continue;
            for (var above = name.Parent; above is { } parent; above = parent.Parent)
                if (ListPattern.Any(patterns, parent)) listed.TryAdd(parent.Value, false);
        }

        var writer = new ImapWriter(session.Output);
        foreach (var (name, isSubscribed) in listed)
        {
            writer.Write(isSubscribed ? "* LSUB () \"/\" "u8 : "* LSUB (\\Noselect) \"/\" "u8);
            writer.Mailbox(name, session.Enabled.Utf8Names);
            writer.EndLine();
        }

        writer.Commit();
    }
}
