using Akka.Actor;

namespace MailServer.Actors.Mailboxes;

// Messages that a mailbox actor sends to itself.

internal sealed record CommitNow
{
    public static CommitNow Instance { get; } = new();
}

internal sealed record SearchOn
{
    public static SearchOn Instance { get; } = new();
}

internal sealed record FlushNames : INotInfluenceReceiveTimeout
{
    public static FlushNames Instance { get; } = new();
}

internal sealed record LookForFilesNow : INotInfluenceReceiveTimeout
{
    public static LookForFilesNow Instance { get; } = new();
}
