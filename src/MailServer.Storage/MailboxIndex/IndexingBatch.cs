using MailServer.Domain.Messages;
using MailServer.Storage.TextIndex;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Messages to add to the text index of a mailbox, with their files open. <see cref="Run"/> reads them on any thread while the mailbox is in use.</summary>
public sealed class IndexingBatch
{
    private readonly TextIndexStore _index;
    private readonly IMessageParser _format;
    private readonly long _generation;
    private readonly List<(long Key, MessageContent? Content)> _messages = [];
    private readonly List<FolderProgress> _progress = [];

    internal IndexingBatch(TextIndexStore index, IMessageParser format, long generation) => (_index, _format, _generation) = (index, format, generation);

    /// <summary>The number of messages.</summary>
    public int Count => _messages.Count;

    internal bool IsEmpty => _messages.Count == 0 && _progress.Count == 0 && Live is null;

    /// <summary>The keys of all messages of the mailbox, to remove others from the index; null: not now.</summary>
    internal long[]? Live { get; set; }

    internal void Add(long key, MessageContent? content) => _messages.Add((key, content));

    internal void Add(in FolderProgress progress) => _progress.Add(progress);

    /// <summary>Indexes the messages. False if the index cannot be used now.</summary>
    public bool Run()
    {
        try
        {
            return TryRun();
        }
        finally
        {
            foreach (var (_, content) in _messages) content?.Dispose();
        }
    }

    private bool TryRun()
    {
        var missing = _index.WithoutIndexed(_messages.Select(static message => message.Key));
        using var grams = new GramSet(_index.Options.MaxText, _index.Options.MaxGrams, _index.WordKey);
        var builder = new SegmentBuilder();
        foreach (var (key, content) in _messages)
        {
            if (_index.IsClosed) return false;
            if (!missing.Contains(key)) continue;
            grams.Clear();
            var isComplete = Read(content, grams);
            builder.Add(key, grams, isComplete);
        }

        if (!_index.Add(builder, _progress, _generation)) return false;
        while (_index.Merge()) { }
        if (Live is { } live) _index.Compact(live);
        return true;
    }

    /// <summary>False if the message cannot be read as a whole; searches read it then.</summary>
    private bool Read(MessageContent? content, GramSet grams)
    {
        try
        {
            return content is not null && _format.ReadSearchText(content, grams);
        }
        catch (Exception e) when (MailboxContext.IsOfTheFile(e) || MailboxContext.IsOfTheContent(e))
        {
            return false;
        }
    }
}
