using Akka.Actor;

namespace MailServer.Actors.Mailboxes;

// Messages that a mailbox actor sends to itself.

internal sealed record CommitStagedMessages
{
    public static CommitStagedMessages Instance { get; } = new();
}

internal sealed record ContinueSearchTurn
{
    public static ContinueSearchTurn Instance { get; } = new();
}

internal sealed record FlushFileNames : INotInfluenceReceiveTimeout
{
    public static FlushFileNames Instance { get; } = new();
}

internal sealed record ScanForFiles : INotInfluenceReceiveTimeout
{
    public static ScanForFiles Instance { get; } = new();
}
