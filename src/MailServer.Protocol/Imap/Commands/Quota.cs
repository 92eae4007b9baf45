using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>GETQUOTAROOT (RFC 9208 §4.1.2). All folders of an account share one quota root, whose name is empty, and for folders of other mailboxes the address of the owner. An account without a limit has no quota root.</summary>
internal sealed record GetQuotaRootCommand(FolderName? Folder) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadMailbox(out var folder) ? new GetQuotaRootCommand(folder) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.GetQuota(folder));
        if (session.Reply is not MailboxReply.Quota { Use: var use })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        var writer = new ImapWriter(session.Output);
        writer.Write("* QUOTAROOT "u8);
        writer.Mailbox(folder.Value, session.Enabled.Utf8Names);
        var root = session.PlaceOf(folder).Owner?.Address.ToString() ?? "";
        if (use.Limit is not null)
        {
            writer.Write((byte)' ');
            GetQuotaCommand.WriteRoot(ref writer, root);
        }

        writer.EndLine();
        if (use.Limit is not null) GetQuotaCommand.Write(ref writer, root, use);
        writer.Commit();
        session.Ok("GETQUOTAROOT completed");
    }
}

/// <summary>GETQUOTA (RFC 9208 §4.1.1), in units of 1024 octets (§5.1).</summary>
internal sealed record GetQuotaCommand(string Root) : ImapCommand
{
    private const long Unit = 1024;

    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadAString(out var root) ? new GetQuotaCommand(Encoding.Latin1.GetString(root)) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        yield return ImapSession.Request(new MailboxRequest.GetQuota());
        if (session.Reply is not MailboxReply.Quota { Use: var use })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        if (Root.Length > 0 || use.Limit is null)
        {
            session.Refuse(ImapError.NoSuchQuotaRoot);
            yield break;
        }

        var writer = new ImapWriter(session.Output);
        Write(ref writer, "", use);
        writer.Commit();
        session.Ok("GETQUOTA completed");
    }

    /// <summary>Usage is rounded up and the limit down, so that a client never sees space that does not exist.</summary>
    public static void Write(ref ImapWriter writer, string root, QuotaUsage use)
    {
        writer.Write("* QUOTA "u8);
        WriteRoot(ref writer, root);
        writer.Write(" (STORAGE "u8);
        writer.Write((use.Used + Unit - 1) / Unit);
        writer.Write((byte)' ');
        writer.Write(use.Limit!.Value / Unit);
        writer.Write(")\r\n"u8);
    }

    public static void WriteRoot(ref ImapWriter writer, string root) => GetAclCommand.WriteIdentifier(ref writer, root);
}

/// <summary>SETQUOTA (RFC 9208 §4.1.3) is always refused: only administrators set quotas, so QUOTASET is not advertised.</summary>
internal sealed record SetQuotaCommand : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace() || !reader.ReadAString(out _) || !reader.ReadSpace() || !reader.Open()) return null;
        while (reader.ReadAtom(out _) && reader.ReadSpace() && reader.ReadDigits(out _) && reader.ReadSpace())
        {
        }

        return reader.Close() ? new SetQuotaCommand() : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        session.Refuse(ImapError.PermissionDenied);
        return [];
    }
}
