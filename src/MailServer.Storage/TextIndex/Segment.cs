using System.Runtime.InteropServices;

namespace MailServer.Storage.TextIndex;

/// <summary>A set of messages whose texts were indexed together.</summary>
/// <param name="Id">Segments that were written later have higher ids.</param>
/// <param name="Keys">The key of each message in the mailbox's index, by its number in the segment.</param>
/// <param name="Partial">The numbers of messages that are not indexed completely and may contain any text.</param>
/// <param name="Octets">The size of the posting lists.</param>
internal sealed record Segment(long Id, long[] Keys, int[] Partial, long Octets)
{
    /// <summary>The lowest key.</summary>
    public long First { get; } = Keys.Length == 0 ? long.MaxValue : Keys.Min();

    /// <summary>The highest key.</summary>
    public long Last { get; } = Keys.Length == 0 ? long.MinValue : Keys.Max();

    public byte[] Pack()
    {
        var data = new List<byte>(Packing.ChecksumSize + (Keys.Length * 2));
        CollectionsMarshal.SetCount(data, Packing.ChecksumSize);
        Packing.Write(data, (ulong)Octets);
        Packing.Write(data, (ulong)Keys.Length);
        var previous = 0L;
        foreach (var key in Keys)
        {
            Packing.WriteSigned(data, key - previous);
            previous = key;
        }

        Packing.Write(data, (ulong)Partial.Length);
        foreach (var number in Partial) Packing.Write(data, (ulong)number);
        var packed = data.ToArray();
        Packing.Seal(packed);
        return packed;
    }

    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    public static Segment Unpack(long id, ReadOnlySpan<byte> data)
    {
        Packing.Verify(data);
        var at = Packing.ChecksumSize;
        var octets = (long)Packing.Read(data, ref at);
        var keys = new long[Count(data, ref at)];
        var previous = 0L;
        for (var i = 0; i < keys.Length; i++) keys[i] = previous += Packing.ReadSigned(data, ref at);
        var partial = new int[Count(data, ref at)];
        for (var i = 0; i < partial.Length; i++)
        {
            partial[i] = (int)Packing.Read(data, ref at);
            if (partial[i] >= keys.Length) throw new InvalidDataException("a segment names a message that it does not have");
        }

        return new Segment(id, keys, partial, octets);
    }

    private static int Count(ReadOnlySpan<byte> data, ref int at)
    {
        var count = Packing.Read(data, ref at);
        return count <= (ulong)data.Length ? (int)count : throw new InvalidDataException("a segment is cut off");
    }
}
