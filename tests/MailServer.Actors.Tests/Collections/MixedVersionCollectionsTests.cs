using System.Collections.Concurrent;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Collections;
using MailServer.Actors.Serialization;
using MailServer.Actors.Tests.Serialization;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using static MailServer.Actors.Tests.Collections.CollectionWorld;

namespace MailServer.Actors.Tests.Collections;

/// <summary>Requests to collections while a node of version 0.1 is in the cluster.</summary>
public sealed class MixedVersionCollectionsTests : TestKit
{
    /// <summary>The manifests of all requests that version 0.1 knows. Never add one: a new request must be translated while older nodes are in the cluster.</summary>
    internal static readonly string[] KnownToVersion01 =
    [
        "collection.find-1", "collection.list-1", "collection.query-1", "collection.read-1", "collection.sync-1", "collection.find-locks-1", "collection.quota-1", "collection.make-copy-1",
        "collection.check-1", "collection.mounts-1", "collection.attachment-1", "collection.links-1", "collection.put-1", "collection.delete-1", "collection.make-1", "collection.properties-1",
        "collection.transfer-1", "collection.lock-1", "collection.refresh-lock-1", "collection.unlock-1", "collection.grants-1", "collection.add-mount-1", "collection.remove-mount-1",
        "collection.dismiss-1", "collection.add-link-1", "collection.remove-links-1", "collection.subscribe-1", "collection.unsubscribe-1",
    ];

    [Fact]
    public async Task An_older_node_receives_only_requests_that_it_knows()
    {
        var sent = new RecordingCollections();
        var collections = new MixedVersionCollections(sent, static () => true, Limits.Default);
        foreach (var request in Requests()) await collections.AskAsync(Alice, request, default);
        Assert.Empty(sent.Manifests.Except(KnownToVersion01));
    }

    [Fact]
    public async Task Without_older_nodes_requests_are_sent_unchanged()
    {
        var sent = new RecordingCollections();
        var collections = new MixedVersionCollections(sent, static () => false, Limits.Default);
        var requests = Requests();
        foreach (var request in requests) await collections.AskAsync(Alice, request, default);
        Assert.Equal(requests, sent.Requests);
    }

    /// <summary>One request of each type.</summary>
    private CollectionRequest[] Requests()
    {
        var samples = new WireSamples(new Random(1), TestActor);
        CollectionRequest[] requests =
        [
            .. WireCodecs.All.Select(static codec => codec.Type).Where(typeof(CollectionRequest).IsAssignableFrom).Distinct().Select(type => (CollectionRequest)samples.Make(type)!).Select(ToReadable),
        ];
        Assert.True(requests.Length > KnownToVersion01.Length);
        return requests;
    }

    private static CollectionRequest ToReadable(CollectionRequest request) => request switch
    {
        CollectionRequest.Search search => search with { Report = Search(Calendar).Report, FloatingZone = null },
        CollectionRequest.Upload => new CollectionRequest.Upload(Calendar.Child("a.ics"), Recurring("a"), "text/calendar"),
        CollectionRequest.ListBusyTimes busy => busy with { Start = DateTimeOffset.UnixEpoch, End = DateTimeOffset.UnixEpoch.AddDays(1), FloatingZone = null },
        _ => request,
    };

    private sealed class RecordingCollections : ICollections
    {
        public ConcurrentQueue<CollectionRequest> Requests { get; } = [];

        public IEnumerable<string> Manifests => Requests.Select(static request => WireCodecs.Of(request).Manifest);

        public Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel)
        {
            Requests.Enqueue(request);
            return Task.FromResult<CollectionReply>(new CollectionReply.Refused(CollectionRefusal.NotFound));
        }
    }
}
