using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Collections;
using static MailServer.Storage.Tests.Collections.TestCollections;

namespace MailServer.Storage.Tests.Collections;

public sealed class CollectionSyncTests : IDisposable
{
    private readonly TestCollections _collections = new();

    public void Dispose() => _collections.Dispose();

    [Fact]
    public void A_token_of_another_collection_from_the_future_or_expired_is_refused()
    {
        using var forgetful = new TestCollections(Limits.Default with { DavTombstones = 1 });
        forgetful.PutAll(Calendar, "a", "b", "c");
        var start = Synchronise(forgetful, null);
        foreach (var name in new[] { "a", "b", "c" }) forgetful.Do(new CollectionRequest.Delete(Calendar.Child(name)));
        Assert.Equal(["a", "b", "c"], Synchronise(forgetful, start).Removed.Order());
        forgetful.Reopen();
        foreach (var (collection, modSeq) in new[] { (start.Collection.Id, start.ReachedModSeq), (start.Collection.Id + 99, start.ReachedModSeq), (start.Collection.Id, 1_000_000L) })
        {
            var reply = forgetful.Store.Read(new CollectionRequest.Synchronise(Calendar, collection, modSeq, null, 100));
            Assert.Equal(CollectionRefusal.SyncTokenInvalid, Assert.IsType<CollectionReply.Refused>(reply).Reason);
        }
    }

    [Fact]
    public void The_result_does_not_depend_on_the_page_size()
    {
        _collections.PutAll(Calendar, [.. Enumerable.Range(0, 25).Select(i => $"e{i}")]);
        var start = Synchronise(_collections, null);
        for (var i = 0; i < 10; i++) _collections.Do(new CollectionRequest.Delete(Calendar.Child($"e{i}")));
        for (var i = 10; i < 20; i++) _collections.Put(Calendar.Child($"e{i}"), Event($"e{i}", "new"));
        var (changed, removed, after, more) = (0, 0, start.ReachedModSeq, true);
        while (more)
        {
            var page = Assert.IsType<CollectionReply.Changes>(_collections.Store.Read(new CollectionRequest.Synchronise(Calendar, start.Collection.Id, after, null, 3)));
            Assert.InRange(page.Changed.Count + page.Removed.Count, 1, 3);
            (changed, removed, after, more) = (changed + page.Changed.Count, removed + page.Removed.Count, page.ReachedModSeq, page.More);
        }

        Assert.Equal((10, 10), (changed, removed));
    }

    /// <summary>Random changes, compared with a model: from every earlier token, the reported changes turn the old state into the new one.</summary>
    [Fact]
    public void The_difference_from_every_earlier_token_leads_to_the_current_state() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 5]).Array[1, 30].Sample(
            steps =>
            {
                using var collections = new TestCollections();
                var model = new Dictionary<string, string>(StringComparer.Ordinal);
                var uids = new Dictionary<string, string>(StringComparer.Ordinal);
                var history = new List<(CollectionReply.Changes Token, Dictionary<string, string> State)> { (Synchronise(collections, null), new(model)) };
                foreach (var (item, action, other) in steps)
                {
                    Step(collections, model, uids, $"i{item}", action, $"i{other}", history.Count);
                    history.Add((Synchronise(collections, null), new(model)));
                }

                foreach (var (token, state) in history)
                {
                    var difference = Synchronise(collections, token);
                    foreach (var name in difference.Removed) state.Remove(name);
                    foreach (var entry in difference.Changed) state[entry.Name] = entry.ETag;
                    Assert.Equal(model.OrderBy(pair => pair.Key), state.OrderBy(pair => pair.Key));
                }
            },
            iter: 20,
            threads: 1);

    private static void Step(TestCollections collections, Dictionary<string, string> model, Dictionary<string, string> uids, string item, int action, string other, int step)
    {
        switch (action)
        {
            case 0 or 1:
                // A replaced resource keeps its UID.
                if (!model.ContainsKey(item)) uids[item] = $"{item}-{step}";
                var resource = Event(item, $"{step}") with { Uid = uids[item] };
                Assert.IsType<CollectionReply.Stored>(collections.Put(Calendar.Child(item), resource));
                model[item] = resource.ETag;
                break;
            case 2:
                var deleted = collections.Do(new CollectionRequest.Delete(Calendar.Child(item)));
                Assert.Equal(model.Remove(item), deleted is CollectionReply.Done);
                break;
            default:
                var moved = collections.Do(new CollectionRequest.Transfer(Calendar.Child(item), Calendar.Child(other), Move: true, Overwrite: true, Deep: true));
                Assert.Equal(model.ContainsKey(item) && !model.ContainsKey(other), moved is CollectionReply.Stored);
                if (moved is CollectionReply.Stored && model.Remove(item, out var tag)) (model[other], uids[other]) = (tag, uids[item]);
                break;
        }
    }

    private static CollectionReply.Changes Synchronise(TestCollections collections, CollectionReply.Changes? since) =>
        Assert.IsType<CollectionReply.Changes>(collections.Store.Read(
            new CollectionRequest.Synchronise(Calendar, since?.Collection.Id, since?.ReachedModSeq ?? 0, null, 1000)));
}
