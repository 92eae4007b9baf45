using Akka.Actor;

namespace MailServer.Actors.Mailboxes;

/// <summary>A message that a mailbox actor sends to itself, to continue in a later turn.</summary>
internal interface IMailboxTurn;

/// <summary>Arrives after the messages that were in the inbox; staged messages are committed before each turn, so this one needs nothing else.</summary>
internal sealed record CommitStagedMessages : IMailboxTurn
{
    public static CommitStagedMessages Instance { get; } = new();
}

internal sealed record ContinueSearchTurn : IMailboxTurn
{
    public static ContinueSearchTurn Instance { get; } = new();
}

/// <summary>A delivery has waited long enough for an answer.</summary>
internal sealed record ScriptWaitOver(long Ticket);

internal sealed record FlushFileNames : IMailboxTurn, INotInfluenceReceiveTimeout
{
    public static FlushFileNames Instance { get; } = new();
}

internal sealed record IndexMessages : IMailboxTurn, INotInfluenceReceiveTimeout
{
    public static IndexMessages Instance { get; } = new();
}

/// <summary>Messages were added to the text index, or could not be.</summary>
internal sealed record IndexingEnded(bool IsDone, Exception? Failure) : IMailboxTurn, INotInfluenceReceiveTimeout, INoSerializationVerificationNeeded;

internal sealed record ScanForFiles : IMailboxTurn, INotInfluenceReceiveTimeout
{
    public static ScanForFiles Instance { get; } = new();
}
