using System.Runtime.InteropServices;

namespace MailServer.Storage.TextIndex;

/// <summary>Writes segments as one, without messages that no longer exist.</summary>
internal static class SegmentMerger
{
    /// <param name="id">The id of the new segment.</param>
    /// <param name="sources">The segments with their chunks.</param>
    /// <param name="isKept">Whether a message still exists.</param>
    public static (Segment Segment, IReadOnlyList<Chunk> Chunks) Merge(long id, IReadOnlyList<(Segment Segment, IReadOnlyList<Chunk> Chunks)> sources, Func<long, bool> isKept)
    {
        var keys = new List<long>();
        var partial = new List<int>();
        var numbers = sources.Select(source => Number(source.Segment, isKept, keys, partial)).ToArray();
        var writer = new ChunkWriter(keys.Count);
        var next = new PriorityQueue<(TermCursor Cursor, int Source), (ulong Term, int Source)>();
        for (var i = 0; i < sources.Count; i++)
        {
            var cursor = new TermCursor(sources[i].Chunks, sources[i].Segment.Keys.Length);
            if (cursor.MoveNext()) next.Enqueue((cursor, i), (cursor.Term, i));
        }

        var messages = new List<int>();
        while (next.TryPeek(out _, out var first))
        {
            messages.Clear();
            while (next.TryPeek(out var found, out var at) && at.Term == first.Term)
            {
                found.Cursor.Read(numbers[found.Source], messages);
                if (found.Cursor.MoveNext()) next.DequeueEnqueue(found, (found.Cursor.Term, found.Source));
                else next.Dequeue();
            }

            if (messages.Count > 0) writer.Add(first.Term, CollectionsMarshal.AsSpan(messages));
        }

        var chunks = writer.Finish();
        return (new Segment(id, [.. keys], [.. partial], chunks.Sum(static c => (long)c.Data.Length)), chunks);
    }

    /// <summary>Gives the messages of a segment that are kept their new numbers; -1 for the others.</summary>
    private static int[] Number(Segment segment, Func<long, bool> isKept, List<long> keys, List<int> partial)
    {
        var numbers = new int[segment.Keys.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = isKept(segment.Keys[i]) ? keys.Count : -1;
            if (numbers[i] >= 0) keys.Add(segment.Keys[i]);
        }

        partial.AddRange(segment.Partial.Select(old => numbers[old]).Where(static number => number >= 0));
        return numbers;
    }

    /// <summary>Walks through the terms of a segment.</summary>
    private sealed class TermCursor(IReadOnlyList<Chunk> chunks, int documents)
    {
        private readonly List<int> _read = [];
        private ChunkReader? _chunk;
        private int _next;

        public ulong Term => _chunk!.Term;

        public bool MoveNext()
        {
            while (_chunk is null || !_chunk.MoveNext())
            {
                var expected = _chunk?.Next ?? 0;
                if (_next == chunks.Count) return expected == Terms.End ? false : throw new InvalidDataException("a chunk is missing");
                if (chunks[_next].First != expected) throw new InvalidDataException("a chunk is missing");
                _chunk = new ChunkReader(chunks[_next].Data, expected, documents);
                _next++;
            }

            return true;
        }

        /// <summary>Adds the messages of the current term, by their new numbers.</summary>
        public void Read(int[] numbers, List<int> messages)
        {
            _read.Clear();
            _chunk!.ReadInto(_read);
            foreach (var number in _read)
            {
                if (number < numbers.Length && numbers[number] >= 0) messages.Add(numbers[number]);
            }
        }
    }
}
