using Akka.TestKit.Xunit2;
using MailServer.Actors.Collections;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Tests.Serialization;
using MailServer.Domain.Collections;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Entities;

/// <summary>Every message that goes through a region is tracked until it arrives, has a deadline, and can be refused.</summary>
public sealed class RequestRuleTests : TestKit
{
    /// <summary>Nobody waits for an answer to these.</summary>
    private static readonly Type[] Unanswered = [typeof(CollectionProtocol.ResumeScheduling), typeof(QueueProtocol.FindUnknown)];

    private static Type[] Messages() =>
    [
        .. typeof(IForAccount).Assembly.GetTypes().Where(static t => t is { IsAbstract: false, IsInterface: false } && !t.IsAssignableTo(typeof(IClosesAccount))
            && (t.IsAssignableTo(typeof(IForAccount)) || t.IsAssignableTo(typeof(QueueProtocol.IForPartition)) || t.IsAssignableTo(typeof(QueueProtocol.IWithMessage)))),
    ];

    public static TheoryData<Type> Requests() => [.. Concrete<MailboxRequest>(), .. Concrete<CollectionRequest>()];

    [Fact]
    public void Every_message_through_a_region_is_tracked_and_can_be_refused()
    {
        var messages = Messages();
        Assert.True(messages.Length >= 10, $"{messages.Length}");
        foreach (var type in messages)
        {
            var tracked = Assert.IsType<ITrackedRequest>(new WireSamples(new Random(1), TestActor).Make(type), exactMatch: false);
            Assert.InRange(tracked.Rule.Answer, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
            Assert.Equal(!Unanswered.Contains(type), Refusal(tracked) is not null);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Every_request_has_a_deadline(Type type)
    {
        var request = new WireSamples(new Random(1), TestActor).Make(type)!;
        var rule = request is MailboxRequest mailbox ? RequestRules.Of(mailbox) : RequestRules.Of((CollectionRequest)request);
        Assert.InRange(rule.Answer, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
    }

    /// <summary>A change that fails, or changes more, when it is executed twice must not be repeated.</summary>
    [Fact]
    public void Changes_that_are_not_idempotent_are_executed_once()
    {
        Type[] once =
        [
            typeof(MailboxRequest.Copy), typeof(MailboxRequest.CreateFolder), typeof(MailboxRequest.DeleteFolder), typeof(MailboxRequest.RenameFolder),
            typeof(MailboxRequest.StoreUnchanged), typeof(MailboxRequest.Replace), typeof(MailboxRequest.Export), typeof(MailboxRequest.DeleteScript), typeof(MailboxRequest.RenameScript), typeof(MailboxRequest.MakeCopy), typeof(MailboxRequest.Check), typeof(CollectionRequest.MakeCopy), typeof(CollectionRequest.Check), .. Concrete<CollectionRequest.Change>(),
        ];
        var samples = new WireSamples(new Random(1), TestActor);
        var found = Concrete<MailboxRequest>().Where(t => !RequestRules.Of((MailboxRequest)samples.Make(t)!).Repeatable)
            .Concat(Concrete<CollectionRequest>().Where(t => !RequestRules.Of((CollectionRequest)samples.Make(t)!).Repeatable));
        Assert.Equal(once.OrderBy(static t => t.FullName, StringComparer.Ordinal), found.OrderBy(static t => t.FullName, StringComparer.Ordinal));
    }

    private static object? Refusal(object message) => message switch
    {
        IForAccount request => MailboxProtocol.Refusal(request) ?? CollectionProtocol.Refusal(request),
        _ => QueueProtocol.Refusal(message, "reason"),
    };

    private static Type[] Concrete<T>() => [.. typeof(T).Assembly.GetTypes().Where(static t => t.IsSubclassOf(typeof(T)) && !t.IsAbstract)];
}
