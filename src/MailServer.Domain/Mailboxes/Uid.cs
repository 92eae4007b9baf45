using System.Globalization;

namespace MailServer.Domain.Mailboxes;

/// <summary>A message's number in its folder: never 0, only rising, never used twice (RFC 9051 §2.3.1.1).</summary>
public readonly record struct Uid(uint Value) : IComparable<Uid>
{
    public int CompareTo(Uid other) => Value.CompareTo(other.Value);

    public static bool operator <(Uid left, Uid right) => left.Value < right.Value;

    public static bool operator >(Uid left, Uid right) => left.Value > right.Value;

    public static bool operator <=(Uid left, Uid right) => left.Value <= right.Value;

    public static bool operator >=(Uid left, Uid right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The epoch of a folder's UIDs: when it differs from what a client remembers, all its UIDs are void (RFC 9051 §2.3.1.1).</summary>
public readonly record struct UidValidity(uint Value);

/// <summary>A number that rises with every change in a mailbox (RFC 7162 §3.1); one counter a folder, from 1.</summary>
public readonly record struct ModSeq(long Value) : IComparable<ModSeq>
{
    public int CompareTo(ModSeq other) => Value.CompareTo(other.Value);

    public static bool operator <(ModSeq left, ModSeq right) => left.Value < right.Value;

    public static bool operator >(ModSeq left, ModSeq right) => left.Value > right.Value;

    public static bool operator <=(ModSeq left, ModSeq right) => left.Value <= right.Value;

    public static bool operator >=(ModSeq left, ModSeq right) => left.Value >= right.Value;
}

/// <summary>The number of a folder inside one mailbox: survives renames, never used twice.</summary>
public readonly record struct FolderId(long Value);
