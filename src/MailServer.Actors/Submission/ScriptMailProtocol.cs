using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Submission;

/// <summary>Messages from mailboxes to the actor of their node that sends what scripts want sent. The ticket of a request is repeated in its answer.</summary>
internal static class ScriptMailProtocol
{
    /// <summary>The name of the actor.</summary>
    internal const string Name = "script-mail";

    /// <summary>Its path, for mailboxes, which start before it.</summary>
    internal const string Path = "/user/" + Name;

    /// <summary>Asks for the addresses of an account, and for those in its address books. Answered with <see cref="FactsLoaded"/>.</summary>
    public sealed record LoadFacts(long Ticket, AccountId Account, bool WithContacts) : INoSerializationVerificationNeeded;

    /// <summary>The addresses of the account, its own first, and those of its contacts; null if the directory or the address books do not answer.</summary>
    public sealed record FactsLoaded(long Ticket, IReadOnlyList<string>? Addresses, IReadOnlySet<string> Contacts) : INoSerializationVerificationNeeded;

    /// <summary>Resolves the recipients and writes the messages, so that nothing that can be foreseen fails after the mail is stored. Answered with <see cref="Prepared"/>.</summary>
    public sealed record Prepare(long Ticket, AccountId Account, ScriptMailSource Source, IReadOnlyList<SieveAction> Actions) : INoSerializationVerificationNeeded;

    /// <summary>One result for each action; null after a temporary failure, when nothing is left behind.</summary>
    public sealed record Prepared(long Ticket, IReadOnlyList<PreparedScriptMail>? Mails) : INoSerializationVerificationNeeded;

    /// <summary>Queues prepared messages. Answered with <see cref="Published"/>.</summary>
    public sealed record Publish(long Ticket, IReadOnlyList<PreparedScriptMail> Mails) : INoSerializationVerificationNeeded;

    /// <summary>Gives messages to the queue that are durable with their envelopes, such as those of mailing lists, until it takes them. Not answered.</summary>
    public sealed record Offer(IReadOnlyList<QueueItem> Items) : INoSerializationVerificationNeeded;

    /// <summary>True if all messages are queued, or durable in the spool so that they will be.</summary>
    public sealed record Published(long Ticket, bool IsSafe) : INoSerializationVerificationNeeded;
}

/// <summary>The message about which scripts decide.</summary>
/// <param name="Message">The message in the spool; its first field is Return-Path.</param>
/// <param name="Sender">The envelope sender; null for the null sender.</param>
/// <param name="Recipient">The envelope recipient; null if it is not known.</param>
internal sealed record ScriptMailSource(SpooledMessage Message, EmailAddress? Sender, EmailAddress? Recipient);

/// <summary>What became of an action that sends mail.</summary>
/// <param name="Action">The action.</param>
/// <param name="Attempt">The message in the spool, under a name of its own until it is published; null if nothing is sent.</param>
/// <param name="Item">Its envelope; null if nothing is sent.</param>
/// <param name="Obstacle">Why nothing is sent, for the account; null if something is.</param>
/// <param name="LeadsHere">The recipient is the account itself.</param>
internal sealed record PreparedScriptMail(SieveAction Action, SpooledMessage? Attempt, QueueItem? Item, string? Obstacle, bool LeadsHere = false)
{
    /// <summary>Whom it goes to, for the trace.</summary>
    public string Recipients => Item is null ? "" : string.Join(", ", Item.Recipients.Select(static r => r.Address.ToString()));
}
