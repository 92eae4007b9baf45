using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// A value, or the reason why the mailbox refuses. What fails for reasons of the disk is thrown instead (<see cref="IOException"/>), and then
/// nothing has changed.
/// </summary>
public readonly struct Outcome<T>
{
    private readonly T? _value;

    public Outcome(T value) => _value = value;

    public Outcome(MailboxRefusal refusal) => Refusal = refusal;

    public MailboxRefusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    public bool IsRefused => Refusal is not null;

    public T Value => IsRefused ? throw new InvalidOperationException($"refused: {Refusal}") : _value!;

    [SuppressMessage("Usage", "CA2225", Justification = "the constructors are the named form")]
    public static implicit operator Outcome<T>(T value) => new(value);

    [SuppressMessage("Usage", "CA2225", Justification = "the constructors are the named form")]
    public static implicit operator Outcome<T>(MailboxRefusal refusal) => new(refusal);
}

/// <summary>A selected folder, and what other tools had changed in it since it was last looked at.</summary>
public sealed record SelectOutcome(FolderSnapshot Folder, MailboxChanged? Change);

/// <summary>Rows, and the change if the fetch set <c>\Seen</c>.</summary>
public sealed record FetchOutcome(IReadOnlyList<MessageRow> Rows, MailboxChanged? Change)
{
    /// <summary>Messages that have no row because their files cannot be read.</summary>
    public IReadOnlyList<Uid> Unreadable { get; init; } = [];
}

/// <summary>The answer to a COPY or MOVE, and the change of the target folder when it is loaded.</summary>
public sealed record CopyOutcome(MailboxReply.Copied Reply, MailboxChanged? TargetChange);

/// <summary>Answers for the staged messages, in the order of staging, and the change of each loaded folder; nobody watches the others.</summary>
public sealed record StagedOutcome(IReadOnlyList<MailboxReply.Appended> Appended, IReadOnlyList<MailboxChanged> Changes);

/// <summary>Whether more file names wait, and what other tools were found to have changed.</summary>
public sealed record FlushOutcome(bool More, IReadOnlyList<MailboxChanged> Changes);
