using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Mailboxes of other accounts, for transcripts: they show what their folders grant, and refuse everything else like missing folders.</summary>
internal sealed class TestSharing(Limits limits, Dictionary<SpoolId, byte[]> spool)
{
    private static readonly MailboxGuest[] Accounts = [.. new[] { "alice@example.org", "bob@example.org", "carol@example.org" }.Select(static (a, at) => new MailboxGuest(new AccountId(at + 1), EmailAddress.Parse(a)))];

    private readonly Dictionary<MailboxOwner, ImapTestMailbox> _mailboxes = [];

    /// <summary>Called with the changes of these mailboxes.</summary>
    public Action<MailboxChanged> Changed { get; set; } = _ => { };

    public IReadOnlyList<MailboxOwner> Owners => [.. _mailboxes.Keys];

    public static MailboxGuest? Find(EmailAddress address) => Array.Find(Accounts, a => a.Address.Equals(address));

    /// <summary>The mailbox that a user or, with <paramref name="isShared"/>, nobody owns.</summary>
    public ImapTestMailbox Of(string address, bool isShared)
    {
        var owner = new MailboxOwner(EmailAddress.Parse(address), isShared);
        if (!_mailboxes.TryGetValue(owner, out var mailbox)) _mailboxes.Add(owner, mailbox = new ImapTestMailbox(limits, spool) { Changed = change => Changed(change), GuestRights = [] });
        return mailbox;
    }

    public MailboxReply Answer(MailboxOwner owner, MailboxRequest request) => _mailboxes.TryGetValue(owner, out var mailbox) ? mailbox.AnswerGuest(request) : ImapEffect.MissingOwner(request);
}
