namespace MailServer.Storage.TextIndex;

// How segments are added and joined. Only one thread does this at a time.
internal sealed partial class TextIndexStore
{
    /// <summary>Adds messages. False if the index cannot be written now, or is not the same any more.</summary>
    /// <param name="builder">The messages.</param>
    /// <param name="progress">How far the folders are indexed with them.</param>
    /// <param name="generation">The <see cref="Generation"/> to which they belong.</param>
    public bool Add(SegmentBuilder builder, IReadOnlyList<FolderProgress> progress, long generation)
    {
        if (Try(_ => NextId(), generation) is not (> 0 and var id)) return false;
        var (segment, chunks) = builder.Build(id);
        return Write(segment, chunks, [], progress, generation);
    }

    /// <summary>Joins segments if there are many of a size. True if there may be more to join.</summary>
    public bool Merge()
    {
        Segment[] chosen;
        lock (_lock) chosen = ChooseMerge();
        return chosen.Length > 0 && Rewrite(chosen, static _ => true);
    }

    /// <summary>Removes messages that no longer exist from the segments that have many of them.</summary>
    /// <param name="live">The keys of all messages, ascending.</param>
    public void Compact(long[] live)
    {
        bool IsLive(long key) => Array.BinarySearch(live, key) >= 0;
        foreach (var segment in Segments)
        {
            if (segment.Keys.Count(key => !IsLive(key)) > segment.Keys.Length / 8 && !Rewrite([segment], IsLive)) return;
        }

        Try(database =>
        {
            database.Shrink(16 * Slice);
            return true;
        });
    }

    private long NextId() => _segments.Count == 0 ? 1 : _segments.Max(static segment => segment.Id) + 1;

    private Segment[] ChooseMerge()
    {
        var small = _segments.Where(static s => s.Octets < MaxMergedOctets / 2 && s.Keys.Length <= SegmentBuilder.MaxMessages / 2);
        foreach (var similar in small.GroupBy(static s => (int)Math.Log(Math.Max(1, s.Keys.Length), MergedAtOnce)).OrderBy(static g => g.Key))
        {
            if (similar.Count() < MergedAtOnce) continue;
            var (messages, octets) = (0, 0L);
            return [.. similar.OrderBy(static s => s.Id).Take(MergedAtOnce).TakeWhile(segment =>
            {
                (messages, octets) = (messages + segment.Keys.Length, octets + segment.Octets);
                return messages <= SegmentBuilder.MaxMessages && octets <= MaxMergedOctets;
            })];
        }

        return [];
    }

    /// <summary>Replaces segments by one. Only one thread changes segments, so they stay until it has finished.</summary>
    private bool Rewrite(Segment[] old, Func<long, bool> isKept)
    {
        var generation = Generation;
        var sources = new List<(Segment, IReadOnlyList<Chunk>)>();
        foreach (var segment in old)
        {
            var chunks = new List<Chunk>();
            while (Try(database => database.ReadChunks(segment, chunks, Slice) ? 1 : 2, generation) is var read and not 2)
                if (read == 0) return false;
            sources.Add((segment, chunks));
        }

        if (Try(_ => NextId(), generation) is not (> 0 and var id)) return false;
        try
        {
            var (segment, chunks) = SegmentMerger.Merge(id, sources, isKept);
            return Write(segment, chunks, old, [], generation) && Forget(sources, generation);
        }
        catch (InvalidDataException e)
        {
            Fail(e);
            return false;
        }
    }

    private bool Write(Segment segment, IReadOnlyList<Chunk> chunks, Segment[] replaced, IReadOnlyList<FolderProgress> progress, long generation)
    {
        var isEmpty = segment.Keys.Length == 0;
        for (var at = 0; at < chunks.Count && !isEmpty; at += Slice)
        {
            var end = Math.Min(chunks.Count, at + Slice);
            var begin = at;
            if (!Try(database =>
            {
                database.Write(() =>
                {
                    for (var i = begin; i < end; i++) database.Insert(segment.Id, chunks[i]);
                });
                return true;
            }, generation)) return false;
            _options.FaultPoint?.Invoke("chunks written");
        }

        var isDone = Try(database =>
        {
            database.Write(() =>
            {
                if (!isEmpty) database.Insert(segment);
                foreach (var old in replaced) database.Remove(old);
                foreach (var folder in progress) database.Set(folder);
            });
            _segments.RemoveAll(s => replaced.Contains(s));
            if (!isEmpty) _segments.Add(segment);
            foreach (var folder in progress) _folders[folder.Folder] = folder;
            return true;
        }, generation);
        _options.FaultPoint?.Invoke("segment written");
        return isDone;
    }

    /// <summary>Removes the chunks of segments that were replaced.</summary>
    private bool Forget(List<(Segment Segment, IReadOnlyList<Chunk> Chunks)> replaced, long generation)
    {
        foreach (var (segment, chunks) in replaced)
        {
            for (var at = 0; at < chunks.Count; at += Slice)
            {
                var (first, last) = (chunks[at].First, chunks[Math.Min(chunks.Count, at + Slice) - 1].First);
                if (!Try(database =>
                {
                    database.RemoveChunks(segment, first, last);
                    return true;
                }, generation)) return false;
                _options.FaultPoint?.Invoke("chunks removed");
            }
        }

        return true;
    }
}
