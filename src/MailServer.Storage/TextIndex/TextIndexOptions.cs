using MailServer.Storage.Health;

namespace MailServer.Storage.TextIndex;

/// <summary>Settings of the text index of a mailbox.</summary>
public sealed record TextIndexOptions
{
    /// <summary>Maximum number of characters of a message that are indexed. A longer message is searched as if it were not indexed.</summary>
    public int MaxText { get; init; } = 4 * 1024 * 1024;

    /// <summary>Maximum number of different grams of a message's header, and of its body. They bound the size of the index: a gram of a message takes four octets at most.</summary>
    public int MaxGrams { get; init; } = 128 * 1024;

    /// <summary>The name of the index in reports.</summary>
    public string Subject { get; init; } = DatabaseKind.Search.Name;

    /// <summary>Receives reports of damage.</summary>
    public StoreProblems Problems { get; init; } = StoreProblems.Discarding;

    /// <summary>Called between the steps of a change, where a crash could occur; tests inspect the disk there.</summary>
    internal Action<string>? FaultPoint { get; init; }
}
