using CsCheck;
using MailServer.Storage.TextIndex;

namespace MailServer.Storage.Tests.TextIndex;

/// <summary>Posting lists survive packing and joining.</summary>
public sealed class SegmentTests
{
    private static readonly Gen<ulong> AnyTerm = Gen.OneOf(
        Gen.Select(Gen.Enum<Domain.Messages.SearchScope>(), Gen.UInt[0, (1u << Grams.Bits) - 1]).Select(static (scope, gram) => Terms.OfGram(scope, gram)), Gen.ULong.Select(Terms.OfWord), Gen.ULong[0, 1_000].Select(Terms.OfWord));

    private static readonly Gen<(ulong Term, int[] Messages)[]> Lists = Gen.Select(AnyTerm, Gen.Int[0, 199].Array[1, 200])
        .Array[0, 300].Select(static lists => lists.DistinctBy(static l => l.Item1).OrderBy(static l => l.Item1).Select(static l => (l.Item1, l.Item2.Distinct().Order().ToArray())).ToArray());

    [Fact]
    public void Every_list_is_read_as_it_was_written() => Lists.Sample(static lists => Assert.Equal(Shown(lists), Shown(Read(Write(lists, 200), 200))), iter: 200);

    [Fact]
    public void Joined_segments_have_the_messages_that_were_kept() => Gen.Select(Lists, Lists).Sample(
        static (first, second) =>
        {
            var sources = new[] { first, second }.Select(static (lists, n) => (new Segment(n, [.. Enumerable.Range(n * 1_000, 200).Select(static k => (long)k)], [3, 4], 0), (IReadOnlyList<Chunk>)Write(lists, 200))).ToArray();
            static bool IsKept(long key) => key % 4 != 0;
            var (segment, chunks) = SegmentMerger.Merge(9, sources, IsKept);
            Assert.Equal(300, segment.Keys.Length);
            Assert.Equal([3L, 1_003L], segment.Partial.Select(number => segment.Keys[number]));
            var expected = new[] { first, second }.SelectMany(static (lists, n) => lists.SelectMany(list => list.Messages.Select(m => (list.Term, Key: (n * 1_000L) + m))))
                .Where(static posting => IsKept(posting.Key)).Order();
            Assert.Equal(expected, Read(chunks, 300).SelectMany(list => list.Messages.Select(m => (list.Term, Key: segment.Keys[m]))).Order());
        },
        iter: 100);

    [Fact]
    public void Segments_are_read_as_they_were_written() => Gen.Select(Gen.Long[1, long.MaxValue].Array[1, 300], Gen.Int[0, 1_000]).Sample(static (keys, octets) =>
    {
        var segment = new Segment(5, keys, [0], octets);
        var read = Segment.Unpack(5, segment.Pack());
        Assert.Equal(keys, read.Keys);
        Assert.Equal([0], read.Partial);
        Assert.Equal(octets, read.Octets);
    });

    [Fact]
    public void A_text_has_the_grams_of_all_texts_in_it() => Gen.Select(Gen.Char["abcäß漢字かな\ud83d\ude00"].Array[3, 40], Gen.Int[0, 39], Gen.Int[2, 10]).Sample(static (chars, start, length) =>
    {
        start = Math.Min(start, chars.Length - 2);
        using var grams = new GramSet(1_000, 1_000, 1);
        grams.Receive(Domain.Messages.SearchScope.Body, chars);
        Assert.Subset(grams.Of(Domain.Messages.SearchScope.Body).ToHashSet(), Grams.OfSearch(chars.AsSpan(start, Math.Min(length, chars.Length - start))).ToHashSet());
    });

    private static IReadOnlyList<Chunk> Write((ulong Term, int[] Messages)[] lists, int documents)
    {
        var writer = new ChunkWriter(documents);
        foreach (var (term, messages) in lists) writer.Add(term, messages);
        return writer.Finish();
    }

    private static List<(ulong Term, int[] Messages)> Read(IReadOnlyList<Chunk> chunks, int documents)
    {
        var lists = new List<(ulong, int[])>();
        foreach (var chunk in chunks)
        {
            var reader = new ChunkReader(chunk.Data, chunk.First, documents);
            while (reader.MoveNext())
            {
                var messages = new List<int>();
                reader.ReadInto(messages);
                lists.Add((reader.Term, [.. messages]));
            }
        }

        return lists;
    }

    private static string[] Shown(IEnumerable<(ulong Term, int[] Messages)> lists) => [.. lists.Select(static l => $"{l.Term}: {string.Join(' ', l.Messages)}")];
}
