using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Actors.Delivery;

/// <summary>What happens with a message at one mailing list.</summary>
/// <param name="List">The list.</param>
/// <param name="Named">The recipient address that led to it.</param>
/// <param name="Members">Who gets a copy; null if nobody does.</param>
internal sealed record ListPost(MailingList List, EmailAddress Named, ResolvedRecipients? Members)
{
    /// <summary>Why the list does not take the message; null if it does, or if the message came through it before.</summary>
    public SmtpReply? Refusal { get; init; }

    /// <summary>The author, whose address From must not have; null to keep From.</summary>
    public EmailAddress? RewrittenAuthor { get; init; }

    /// <summary>The domain of our user who wrote the message, whose key may sign it; null to sign for the list alone.</summary>
    public string? OwnAuthorDomain { get; init; }

    /// <summary>The number of members that get a copy.</summary>
    public int Count => Members is null ? 0 : Members.Accounts.Count + Members.Remote.Count;
}
