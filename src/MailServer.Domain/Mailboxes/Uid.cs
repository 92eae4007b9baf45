using System.Globalization;

namespace MailServer.Domain.Mailboxes;

/// <summary>The UID of a message in its folder: at least 1, strictly increasing, never reused (RFC 9051 §2.3.1.1).</summary>
public readonly record struct Uid(uint Value) : IComparable<Uid>
{
    public int CompareTo(Uid other) => Value.CompareTo(other.Value);

    public static bool operator <(Uid left, Uid right) => left.Value < right.Value;

    public static bool operator >(Uid left, Uid right) => left.Value > right.Value;

    public static bool operator <=(Uid left, Uid right) => left.Value <= right.Value;

    public static bool operator >=(Uid left, Uid right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The UIDVALIDITY of a folder. If it changes, clients must discard all cached UIDs (RFC 9051 §2.3.1.1).</summary>
public readonly record struct UidValidity(uint Value);

/// <summary>A modification sequence (RFC 7162 §3.1): increases with every change of a folder, starting at 1.</summary>
public readonly record struct ModSeq(long Value) : IComparable<ModSeq>
{
    public int CompareTo(ModSeq other) => Value.CompareTo(other.Value);

    public static bool operator <(ModSeq left, ModSeq right) => left.Value < right.Value;

    public static bool operator >(ModSeq left, ModSeq right) => left.Value > right.Value;

    public static bool operator <=(ModSeq left, ModSeq right) => left.Value <= right.Value;

    public static bool operator >=(ModSeq left, ModSeq right) => left.Value >= right.Value;
}

/// <summary>The id of a folder within its mailbox. It survives renames and is never reused.</summary>
public readonly record struct FolderId(long Value);
