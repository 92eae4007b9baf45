using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Filtering;

/// <summary>Which messages a script runs on.</summary>
/// <param name="Folder">The folder.</param>
public sealed record FolderRun(FolderName Folder)
{
    /// <summary>The days of "last month".</summary>
    public const int Month = 30;

    /// <summary>The stored script; null for <see cref="Text"/> or, if that is empty, for what runs at a delivery.</summary>
    public string? Script { get; init; }

    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>Only messages of the last days; null: all.</summary>
    public int? Days { get; init; }

    /// <summary>Does what the script wants; otherwise it is only reported.</summary>
    public bool Applies { get; init; }
}

/// <summary>What a script wants, or did, with the messages of a folder.</summary>
public sealed class FolderRunReport
{
    /// <summary>The messages that are listed; more are only counted.</summary>
    public const int MostListed = 200;

    private readonly List<FolderRunMessage> _messages = [];
    private readonly List<string> _faults = [];

    /// <summary>The messages on which the script ran.</summary>
    public int Examined { get; set; }

    /// <summary>Those with which it wants to do something.</summary>
    public int Matched { get; private set; }

    public int Moved { get; set; }

    public int Copied { get; set; }

    public int Marked { get; set; }

    public int Deleted { get; set; }

    /// <summary>Messages with which nothing was done, although the script wants it: stored mail is neither refused nor sent on.</summary>
    public int Left { get; set; }

    /// <summary>The first messages with which it wants to do something, newest first.</summary>
    public IReadOnlyList<FolderRunMessage> Messages => _messages;

    /// <summary>What went wrong, each once.</summary>
    public IReadOnlyList<string> Faults => _faults;

    internal void Add(FolderRunMessage message)
    {
        Matched++;
        if (_messages.Count < MostListed) _messages.Add(message);
    }

    internal void AddFault(string fault)
    {
        if (_faults.Count < 20 && !_faults.Contains(fault, StringComparer.Ordinal)) _faults.Add(fault);
    }
}

/// <summary>A message with which a script wants to do something.</summary>
/// <param name="Uid">The message.</param>
/// <param name="From">Its author.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="ReceivedAt">When it arrived.</param>
/// <param name="Actions">What is to be done, in words.</param>
public sealed record FolderRunMessage(uint Uid, string From, string Subject, DateTimeOffset ReceivedAt, IReadOnlyList<string> Actions);
