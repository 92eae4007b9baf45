using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Actors.Sessions;

// Requests to the mailboxes of other accounts. The directory knows who may share something with this account; every other mailbox is as good as missing and is not even asked, so an account that shares nothing is not
// told from one that does not exist. What the account may do there is decided by the owner's mailbox actor.
internal sealed partial class ImapSessionActor
{
    private void SendAsGuest(MailboxRequest request, MailboxOwner owner, Account account, long number)
    {
        var pending = SharersOfAsync(account.Id);
        var found = new OwnerFound(request, owner, new MailboxGuest(account.Id, account.Address), number, null);
        if (pending.IsCompletedSuccessfully) SendTo(found with { Sharers = pending.Result });
        else pending.AsTask().PipeTo(Self, success: sharers => found with { Sharers = sharers }, failure: _ => found);
    }

    private void SendTo(OwnerFound found)
    {
        if (found.Sharers is not { } sharers) Self.Tell(new MailboxProtocol.NumberedReply(found.Number, new MailboxReply.Refused(MailboxRefusal.Unavailable)));
        else if (sharers.FirstOrDefault(account => OwnerOf(account) == found.Owner) is { } owner) Services.Mailboxes.Tell(new MailboxProtocol.GuestRequest(owner.Id, found.Guest, found.Request, found.Number));
        else Self.Tell(new MailboxProtocol.NumberedReply(found.Number, ImapEffect.MissingOwner(found.Request)));
    }

    private async Task<SharersFound> FindSharersAsync() => new([.. (await SharersOfAsync(_session.Account!.Id)).Select(OwnerOf)]);

    private async Task<GuestFound> FindGuestAsync(EmailAddress address) => new(await GuestLookup.FindAsync(Services.Directory, address, Services.Limits));

    private async ValueTask<IReadOnlyList<Account>> SharersOfAsync(AccountId account) =>
        [.. (await Services.Directory.SharersAsync(account, CancellationToken.None)).Where(static sharer => sharer.Enabled)];

    private static MailboxOwner OwnerOf(Account account) => new(account.Address, account.IsShared);

    private sealed record OwnerFound(MailboxRequest Request, MailboxOwner Owner, MailboxGuest Guest, long Number, IReadOnlyList<Account>? Sharers) : INoSerializationVerificationNeeded;

    private sealed record SharersFound(IReadOnlyList<MailboxOwner> Owners);

    private sealed record GuestFound(MailboxGuest? Guest);
}
