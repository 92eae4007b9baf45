using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A value, or the reason why the mailbox refused the request. Disk failures throw <see cref="IOException"/> instead and change nothing.</summary>
public readonly struct MailboxResult<T>
{
    private readonly T? _value;

    public MailboxResult(T value) => _value = value;

    public MailboxResult(MailboxRefusal refusal) => Refusal = refusal;

    public MailboxRefusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    public bool IsRefused => Refusal is not null;

    public T Value => IsRefused ? throw new InvalidOperationException($"refused: {Refusal}") : _value!;

    [SuppressMessage("Usage", "CA2225", Justification = "the constructors are the named form")]
    public static implicit operator MailboxResult<T>(T value) => new(value);

    [SuppressMessage("Usage", "CA2225", Justification = "the constructors are the named form")]
    public static implicit operator MailboxResult<T>(MailboxRefusal refusal) => new(refusal);
}

/// <summary>A selected folder, and the changes of other tools since the last scan.</summary>
public sealed record SelectOutcome(FolderSnapshot Folder, MailboxChanged? Change);

/// <summary>Rows, and the change if the fetch set <c>\Seen</c>.</summary>
public sealed record FetchOutcome(IReadOnlyList<MessageRow> Rows, MailboxChanged? Change)
{
    /// <summary>Messages without a row because their files cannot be read.</summary>
    public IReadOnlyList<Uid> Unreadable { get; init; } = [];
}

/// <summary>The reply to a COPY or MOVE, and the change of the target folder if it is loaded.</summary>
public sealed record CopyOutcome(MailboxReply.Copied Reply, MailboxChanged? TargetChange);

/// <summary>Replies for the staged messages in order, and the changes of loaded folders (other folders have no sessions).</summary>
public sealed record CommitOutcome(IReadOnlyList<MailboxReply.Appended> Appended, IReadOnlyList<MailboxChanged> Changes);

/// <summary>The reply to an APPEND of several messages, and the change of the folder if it is loaded.</summary>
public sealed record AppendAllOutcome(MailboxReply.AppendedAll Reply, IReadOnlyList<MailboxChanged> Changes);

/// <summary>The reply to a REPLACE, and the change of the target folder, before the removal, if it is loaded.</summary>
public sealed record ReplaceOutcome(MailboxReply.Replaced Reply, IReadOnlyList<MailboxChanged> Changes);

/// <summary>True in <paramref name="More"/> if files remain to be renamed; <paramref name="Changes"/> lists changes of other tools found on the way.</summary>
public sealed record FlushOutcome(bool More, IReadOnlyList<MailboxChanged> Changes);
