using System.Net;
using Akka.Actor;
using MailServer.Actors.Delivery;
using MailServer.Actors.Tests.Queue;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Delivery;

/// <summary>A delivery worker with a real spool, for tests that play the mailboxes and the queue.</summary>
internal static class DeliveryTestServices
{
    public static readonly Account Ann = new(new AccountId(7), EmailAddress.Parse("ann@example.org"), true, DateTimeOffset.UnixEpoch);

    public static DeliveryServices Create(QueueTestNode node, MessageSpool spool, IActorRef mailboxes, bool isChecked = false)
    {
        var directory = new HostedDomainsDirectory();
        var checks = new TrustCheckOptions(true, true, true);
        return new DeliveryServices
        {
            Hostname = "mx.example.org",
            Limits = Limits.Default,
            Time = TimeProvider.System,
            Addresses = new AddressPolicy(directory, Limits.Default, "mx.example.org", null),
            ForgedResults = new ForgedResultsFilter("mx.example.org", directory),
            Spool = spool,
            Mailboxes = mailboxes,
            Queue = ActorRefs.Nobody,
            Router = ActorRefs.Nobody,
            Signer = null,
            Verifier = isChecked ? new MessageVerifier(new QueueTestNode.NoDns(), TimeProvider.System, Limits.Default, "mx.example.org", checks) : null,
            Forwarding = new ForwardingRewriter(null, null, directory, Limits.Default, "mx.example.org"),
            Admission = null,
            Reports = NullObservationRecorder.Instance,
            Trace = node.Trace,
            Readers = [],
            Loggers = NullLoggerFactory.Instance,
        };
    }

    /// <summary>A transaction of one recipient.</summary>
    public static MailTransaction Transaction(SessionPolicy policy, bool isSignedIn) => new()
    {
        SessionId = "s",
        Policy = policy,
        RemoteAddress = IPAddress.Loopback,
        HeloName = "far.test",
        UsesEhlo = true,
        Tls = null,
        Account = isSignedIn ? Ann : null,
        Sender = EmailAddress.Parse("ann@example.org"),
        SmtpUtf8 = true,
        EightBit = true,
        Recipients = [EmailAddress.Parse("ben@example.org")],
        Options = EnvelopeOptions.None,
    };

    public static Props Worker(DeliveryServices services) => Props.Create(() => new DeliveryWorkerActor(services));

    /// <summary>Three hosted domains in which every address belongs to account 7.</summary>
    private sealed class HostedDomainsDirectory : IDirectory
    {
        public long Version => 1;

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) =>
            ValueTask.FromResult<RecipientResolution>(new RecipientResolution.Local(Ann.Id, address, null));

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => ValueTask.FromResult(domain is "example.org" or "hosted.test" or "xn--bcher-kva.test");

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => ValueTask.FromResult<AccountCredentials?>(null);

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => ValueTask.FromResult(true);

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<EmailAddress>>([]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => ValueTask.FromResult<Account?>(Ann);
    }
}
