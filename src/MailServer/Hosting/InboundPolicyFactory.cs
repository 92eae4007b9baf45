using MailServer.Actors.Delivery;
using MailServer.Actors.Trust;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Storage.Health;
using MailServer.Storage.Trust;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Creates the policies for incoming mail from the configuration: authentication checks, admission.</summary>
internal static class InboundPolicyFactory
{
    public static TrustCheckOptions Checks(SecurityOptions security) => new(security.VerifySpf, security.VerifyDkim, security.VerifyDmarc)
    {
        TrustedSealers = security.TrustedArcSealers,
        DeferOnDnsFailure = security.DnsFailure == DnsFailureAction.Defer,
    };

    public static AdmissionControl OpenAdmission(MailServerOptions options, IDnsLookup dns, Limits limits, StoreProblems stores, ILoggerFactory loggers, Action<IDisposable> keep)
    {
        var security = options.Security;
        var wanted = new AdmissionOptions
        {
            BlockLists = security.Dnsbl,
            BlockListAction = security.DnsblAction,
            GreylistDelay = security.Greylist ? security.GreylistDelay : null,
            FirstContactDelay = security.FirstContactDelay,
            IncomingPerNetwork = security.MaxIncomingPerNetwork,
            IncomingPerDomain = security.MaxIncomingPerDomain,
            OutgoingPerHour = security.MaxOutgoingPerHour,
            OutgoingPerDay = security.MaxOutgoingPerDay,
            NewRecipientsPerDay = security.MaxNewRecipientsPerDay,
        };
        TrustStore? store = null;
        if (wanted.NeedsStore) keep(store = TrustStore.Open(options.Storage.TrustPath, TimeProvider.System, stores));
        return new AdmissionControl(wanted, store, dns, limits, TimeProvider.System, loggers.CreateLogger<AdmissionControl>());
    }
}
