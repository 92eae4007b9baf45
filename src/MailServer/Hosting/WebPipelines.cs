using Akka.Hosting;
using MailServer.Actors.Collections;
using MailServer.Actors.Maintenance;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Submission;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Addresses;
using MailServer.Network.Certificates;
using MailServer.Web.Admin;
using MailServer.Web.Autoconfig;
using MailServer.Web.Dav;
using MailServer.Web.Dav.Methods;
using MailServer.Web.Health;
using MailServer.Web.Listeners;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;
using MailServer.Web.WellKnown;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MailServer.Hosting;

/// <summary>Defines what each HTTP listener serves. <c>docs/security.md</c> contains it as a table.</summary>
internal sealed class WebPipelines(WebApplication app, MailServerOptions options, Node node, LogLevels levels, HealthMonitor health, MaintenanceService maintenance, BackupJobs backups)
{
    private readonly ActorRegistry _actors = app.Services.GetRequiredService<ActorRegistry>();
    private readonly NodeMonitor _live = new(options, node, app.Services);

    public static void Use(WebApplication app, MailServerOptions options, Node node, LogLevels levels, RecentWarnings warnings)
    {
        var health = new HealthMonitor(new NodeChecks(options, node, app.Services).All(), node.Health, TimeProvider.System, node.Logger);
        app.Lifetime.ApplicationStopping.Register(health.Dispose);
        if (options.Health.Digest) StartDigest(app, options, node);
        var maintenance = node.Maintain(app.Services.GetRequiredService<ActorRegistry>());
        var backups = node.BackupJobs(maintenance);
        var pipelines = new WebPipelines(app, options, node, levels, health, maintenance, backups);
        var pages = WebPageHosting.Create(app, options, node, warnings, pipelines._live.StatusAsync, health, maintenance, backups);
        IEnumerable<ListenerPipeline> served = [pipelines.AdminSocket(pages.Sessions), pipelines.Https(pages.Https), pipelines.PlainHttp()];
        app.RunPipelines(options.Admin.IsServed ? served.Append(pipelines.AdminPort(pages.AdminPort)) : served, new RequestBodies(node.Services.Limits, node.Services.Spool.CreateUnnamedFile, TimeProvider.System), node.Logger);
    }

    private static void StartDigest(WebApplication app, MailServerOptions options, Node node)
    {
        var mail = new AdministratorMail(app.Services.GetRequiredService<Akka.Actor.ActorSystem>(), node.Services.Spool, options.Server.Hostname, TimeProvider.System);
        var digest = new HealthDigest(
            node.Health, cancel => node.Administration.ListAccountsAsync(null, cancel), mail.SendAsync, options.Server.Hostname, options.Storage.NodeDir, TimeProvider.System, node.Logger);
        app.Lifetime.ApplicationStopping.Register(digest.Dispose);
    }

    /// <summary>The settings of this server that clients discover.</summary>
    public static ClientSettings Settings(MailServerOptions options, Node node) => new()
    {
        Hostname = options.Server.Hostname,
        ImapsPort = options.Server.ImapsPort,
        ImapPort = options.Server.ImapPort,
        ManagesievePort = options.Server.ManagesievePort,
        SubmissionsPort = options.Server.SmtpsPort,
        SubmissionPort = options.Server.SubmissionPort,
        HttpsPort = options.Server.WebPort,
        IsHosted = node.Services.Directory.IsHostedAsync,
        MaxRequest = node.Services.Limits.WebRequest,
        Sign = content => CmsContentSigner.Sign(content, node.Certificates.Select(options.Server.Hostname)),
    };

    private ListenerPipeline AdminSocket(PageSessions sessions) => new(WebListenerKind.AdminSocket, node.Services.Limits.WebRequest)
    {
        Middleware = [AdminApi.Audit(node.Access.Audit, TimeProvider.System)],
        Map = endpoints =>
        {
            endpoints.MapAdmin(new QueueAdministration(_actors, node.Services.Trace, node.Services.Pauses), new ReportAdministration(_actors), node.Services.Directory.IsHostedAsync);
            endpoints.MapGroup(AdminApi.Prefix).MapMaintenance(maintenance, node.AccountsAsync, node.AccountExistsAsync);
            endpoints.MapBackups(backups, node.Services.Directory);
            endpoints.MapDeliveryTest(node.DeliveryTest(app.Services.GetRequiredService<Akka.Actor.ActorSystem>()), node.Administration);
            endpoints.MapDiagnosis(app.Services, node, health);
            _live.MapAdmin(endpoints, levels);
            endpoints.MapPageSessions(sessions, node.Services.Directory);
            endpoints.MapDavAdministration(new DavAdministration(_actors.Collections(), TimeProvider.System), node.Services.Directory);
            MapHealth(endpoints);
        },
    };

    private ListenerPipeline AdminPort(PageEndpoint pages) => new(WebListenerKind.AdminPort, node.Services.Limits.WebRequest)
    {
        Middleware = [new HostNameFilter(options.Admin.Names.Append(options.Server.Hostname), options.Admin.Listen).CheckAsync, ResponseCompression.Of(app.Services, "text/css")],
        Map = endpoints =>
        {
            _live.MapMetrics(endpoints);
            MapHealth(endpoints);
        },
        Fallback = pages.AnswerAsync,
    };

    private ListenerPipeline Https(PageEndpoint pages) => new(WebListenerKind.Https, node.Services.Limits.DavFile)
    {
        Middleware = [ResponseCompression.Of(app.Services, "application/xml", "text/calendar", "text/vcard", "text/css")],
        Map = endpoints =>
        {
            var settings = Settings(options, node);
            endpoints.MapDiscovery(settings);
            endpoints.MapSetup(settings);
            endpoints.MapMtaStsPolicy(async (domain, cancel) => await node.FindDomainAsync(domain, cancel) is { } hosted ? options.MtaStsPolicyOf(hosted.MtaSts) : null);
            endpoints.MapWellKnown();
        },
        Fallback = new PublicPages(pages, PageNames(), Settings(options, node).WebRoot + "/", IsServedAsync, Dav()).AnswerAsync,
    };

    /// <summary>The host names of the pages on the HTTPS ports.</summary>
    private HostNameFilter PageNames() => new(options.Admin.Names.Concat(options.Tls.Names).Append(options.Server.Hostname), options.Server.Listen);

    private RequestDelegate Dav() => DavEndpoint.Create(new DavServices
    {
        Authenticator = node.Services.Authenticator,
        Collections = _actors.DavCollections(app.Services.GetRequiredService<Akka.Actor.ActorSystem>(), node.Services.Limits),
        Directory = node.Services.Directory,
        Vapid = node.Services.Push?.Vapid,
        AccountsOf = (domain, cancel) => node.Administration.ListAccountsAsync(domain, cancel),
        Limits = node.Services.Limits,
        Time = node.Services.Time,
        Log = node.Logger,
    });

    private ListenerPipeline PlainHttp()
    {
        var settings = Settings(options, node);
        var plain = new PlainHttpEndpoint
        {
            HttpsPort = settings.HttpsPort,
            Hostname = options.Server.Hostname,
            IsServedHost = IsServedAsync,
            Challenge = node.CertificateParts.Http.Answer,
        };
        return new ListenerPipeline(WebListenerKind.PlainHttp, node.Services.Limits.WebRequest)
        {
            Map = endpoints =>
            {
                plain.Map(endpoints);
                endpoints.MapDiscovery(settings);
            },
            Fallback = plain.RedirectAsync,
        };
    }

    private void MapHealth(IEndpointRouteBuilder endpoints) => endpoints.MapHealth(
        () => app.Lifetime.ApplicationStarted.IsCancellationRequested && !app.Lifetime.ApplicationStopping.IsCancellationRequested, node.Health);

    /// <summary>Whether this server serves a host name: its own, a configured name, a hosted domain, or one of the well-known names below it.</summary>
    private async ValueTask<bool> IsServedAsync(string name, CancellationToken cancel)
    {
        if (name.Equals(options.Server.Hostname, StringComparison.OrdinalIgnoreCase) || options.Tls.Names.Contains(name, StringComparer.OrdinalIgnoreCase)) return true;
        var label = CertificateNames.Labels.FirstOrDefault(l => name.StartsWith(l + ".", StringComparison.Ordinal));
        return EmailAddress.TryNormalizeDomain(label is null ? name : name[(label.Length + 1)..], out var domain) && await node.Services.Directory.IsHostedAsync(domain, cancel);
    }
}
