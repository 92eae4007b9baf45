using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A request that runs in slices, so that it does not block other clients of the mailbox.</summary>
public interface IIncrementalRequest
{
    /// <summary>The reply; complete when <see cref="Step"/> has returned true.</summary>
    MailboxReply Reply { get; }

    /// <summary>Examines about this number of messages, counting messages that are expensive to examine several times; returns true when the request is complete.</summary>
    bool Step(int budgetMessages);
}
