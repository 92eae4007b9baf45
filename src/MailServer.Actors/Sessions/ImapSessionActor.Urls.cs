using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Sessions;

// Requests about signed URLs to the mailboxes of other accounts, which verify the signature.
internal sealed partial class ImapSessionActor
{
    /// <summary>The last request to another account's mailbox. It is not repeated when the session's own mailbox is opened again; its region answers or refuses it.</summary>
    private MailboxRequest? _askedElsewhere;

    private Step AskMailboxOf(AccountId owner, MailboxRequest request)
    {
        _asked = _askedElsewhere = request;
        _askedOwner = null;
        _askedNumber = ++_sequence;
        Services.Mailboxes.Tell(new MailboxProtocol.AccountRequest(owner, request, _askedNumber));
        return Step.Wait;
    }

    /// <summary>Finds an account by its login; aliases are none.</summary>
    private async Task<FoundAccount> FindAccountAsync(EmailAddress login) =>
        new(await Services.Directory.ResolveAsync(login, CancellationToken.None) is RecipientResolution.Local { Tag: null, Account: var account } ? account : null);

    private sealed record FoundAccount(AccountId? Account) : INoSerializationVerificationNeeded;
}
