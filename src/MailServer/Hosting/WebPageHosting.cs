using Akka.Hosting;
using MailServer.Actors;
using MailServer.Actors.Authentication;
using MailServer.Actors.Certificates;
using MailServer.Actors.Collections;
using MailServer.Actors.History;
using MailServer.Actors.Maintenance;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Sessions;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;
using MailServer.Network.Listeners.Proxy;
using MailServer.Storage.Directory;
using MailServer.Web.Admin;
using MailServer.Web.Listeners;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Hosts the pages: all of them on the admin port, those of users (with <c>admin.public</c> all) on the HTTPS ports.</summary>
internal static class WebPageHosting
{
    public static void Listen(KestrelServerOptions kestrel, AdminOptions admin, Node node)
    {
        if (!admin.IsServed) return;
        foreach (var address in admin.Listen)
        {
            kestrel.Listen(address, admin.Port, listen =>
            {
                listen.Serve(WebListenerKind.AdminPort);
                listen.UseProxyProtocol(node.Proxy, TimeProvider.System, node.Logger);
                if (!admin.Tls) return;
                node.CertificateParts.Tls.Watch(listen);
                listen.UseHttps(node.Certificates.ForHttps());
            });
        }
    }

    /// <summary>The pages for each kind of listener. They share the sessions.</summary>
    public static (PageEndpoint AdminPort, PageEndpoint Https, PageSessions Sessions) Create(
        WebApplication app, MailServerOptions options, Node node, RecentWarnings warnings, Func<CancellationToken, Task<StatusDocument>> status, HealthMonitor health,
        MaintenanceService maintenance, BackupJobs backups)
    {
        var activity = new ActivityHistory(TimeProvider.System);
        app.Lifetime.ApplicationStopped.Register(activity.Dispose);
        var services = Services(app, options, node, warnings, status, activity, health, maintenance, backups);
        var sessions = new PageSessions(services.Limits, services.Time, new StoredSessions(services.StoredSessions, services.Log));
        PageEndpoint PagesOf(PageListener listener) => new(services, sessions, listener, app.Services.GetRequiredService<ILoggerFactory>());
        return (PagesOf(PageListener.AdminPort), PagesOf(HttpsPages(options)), sessions);
    }

    /// <summary>The pages on the HTTPS ports.</summary>
    public static PageListener HttpsPages(MailServerOptions options) => new(IsPublic: true, options.Admin.Public);

    private static PageServices Services(
        WebApplication app, MailServerOptions options, Node node, RecentWarnings warnings, Func<CancellationToken, Task<StatusDocument>> status, ActivityHistory activity,
        HealthMonitor health, MaintenanceService maintenance, BackupJobs backups)
    {
        var registry = app.Services.GetRequiredService<ActorRegistry>();
        return new PageServices
        {
            Hostname = options.Server.Hostname,
            SignIn = new PageAuthenticator(node.Services.Authenticator, node.Administration, TimeProvider.System),
            Directory = node.Services.Directory,
            Administration = node.Administration,
            Hash = password => Hash(options, password),
            HashUnknown = new PasswordHasher(options.Security.HasherOptions).HashUnknown,
            Sessions = new SessionAdministration(app.Services.GetRequiredService<Akka.Actor.ActorSystem>(), registry),
            Mailboxes = new MailboxAdministration(app.Services.GetRequiredService<Akka.Actor.ActorSystem>(), registry),
            Queue = new QueueAdministration(registry, node.Services.Trace, node.Services.Pauses),
            Reports = new ReportAdministration(registry),
            Certificates = new CertificateAdministration(registry, node.Certificates),
            Cluster = ClusterAdministration.Of(app.Services.GetRequiredService<Akka.Actor.ActorSystem>(), registry),
            Dav = new DavAdministration(registry.Collections(), TimeProvider.System),
            Bans = node.Access.Bans,
            Clients = WebPipelines.Settings(options, node),
            Activity = activity,
            StoredSessions = node.Access.PageSessions,
            Audit = node.Access.Audit,
            ReadAudit = node.Access.ReadAudit,
            ReadLog = filter => LogFileReader.Read(options.Logging, filter),
            ReadAuditOf = node.Access.ReadAuditOf,
            Warnings = warnings.Read,
            Status = status,
            Health = node.Health,
            RerunCheck = health.RerunAsync,
            Records = (domain, cancel) => RecordsOfAsync(options, node, domain, cancel),
            MtaSts = options.Tls.MtaSts,
            CheckRecords = (domain, cancel) => CheckAsync(options, node, domain, cancel),
            Dkim = new DkimKeys(options, node),
            Backups = backups,
            Archives = new AccountArchives(options, maintenance, node.Services.Spool, new DavAdministration(registry.Collections(), TimeProvider.System), TimeProvider.System),
            DeliveryTest = node.DeliveryTest(app.Services.GetRequiredService<Akka.Actor.ActorSystem>()),
            History = new HistoryAdministration(app.Services.GetRequiredService<Akka.Actor.ActorSystem>(), registry, TimeProvider.System),
            Limits = node.Services.Limits,
            Time = TimeProvider.System,
            Log = node.Logger,
        };
    }

    public static StoredPassword? Hash(MailServerOptions options, string password) =>
        PasswordHasher.IsAcceptable(password) ? new PasswordHasher(options.Security.HasherOptions).Hash(password) : null;

    private static async Task<IReadOnlyList<ZoneRecord>> RecordsOfAsync(MailServerOptions options, Node node, string domain, CancellationToken cancel)
    {
        var mode = (await node.FindDomainAsync(domain, cancel))?.MtaSts;
        try
        {
            return DomainRecords.RecordsOf(options, domain, mode);
        }
        catch (Exception e) when (e is CommandFailure or IOException or UnauthorizedAccessException)
        {
            throw new PageException(409, "The records cannot be shown because the domain's DKIM key cannot be read. Run 'mailserver dns records' for details.");
        }
    }

    private static async Task<IReadOnlyList<DnsRecordState>> CheckAsync(MailServerOptions options, Node node, string domain, CancellationToken cancel)
    {
        var resolver = new Resolver(options.Dns.Servers, node.Services.Limits, options.Dns.TrustAd);
        var check = new ZoneCheck(new RecordLookup(options.Dns.Servers, node.Services.Limits), resolver, options.Server.Hostname, TimeProvider.System);
        return [.. (await check.CheckAsync(await RecordsOfAsync(options, node, domain, cancel), cancel)).Select(static r => new DnsRecordState(r.Expected, r.Found, r.Verdict))];
    }
}
