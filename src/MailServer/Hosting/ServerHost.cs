using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using MailServer.Actors;
using MailServer.Actors.Certificates;
using MailServer.Actors.Sessions;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Accounts;
using MailServer.Network.Listeners;
using MailServer.Storage;
using MailServer.Storage.Backup;
using MailServer.Web.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;

namespace MailServer.Hosting;

/// <summary>Runs a node: listeners, HTTP and actors in one process. Stops them in an order that lets sessions end cleanly.</summary>
internal static partial class ServerHost
{
    /// <summary>How long a start waits for a command that holds the data lock; less than the start timeout of service managers.</summary>
    private static readonly TimeSpan CommandPatience = TimeSpan.FromSeconds(60);

    /// <summary>Runs the node until a stop request or its end, and returns the exit code. Calls <paramref name="started"/> when every port is open.</summary>
    public static async Task<int> RunAsync(MailServerOptions options, Action started, CancellationToken cancel)
    {
        using var signals = ServerSignals.Listen(TimeProvider.System, cancel);
        try
        {
            return await RunAsync(options, started, signals);
        }
        catch (OperationCanceledException) when (signals.IsStopRequested)
        {
            // The stop request came before the start was complete.
            return ExitCodes.Success;
        }
    }

    private static async Task<int> RunAsync(MailServerOptions options, Action started, ServerSignals signals)
    {
        OpenFileLimit.RequireEnough();
        var levels = new LogLevels(options.Logging.Level);
        using var warnings = new RecentWarnings();
        await using var log = LogPipeline.Create(options.Logging, levels, warnings);
        var isStarted = false;
        try
        {
            return await RunAsync(options, () => { isStarted = true; log.EndStart(); started(); }, signals, new NodeLog(log, levels, warnings));
        }
        catch (Exception e) when (!isStarted && !signals.IsStopRequested)
        {
            var reason = StartFailure.Describe(e, options);
            log.FailStart(e, reason);
            // Their handlers add hints.
            if (e is CommandFailure or DirectoryException or Configuration.ConfigurationException) throw;
            throw new CommandFailure(reason);
        }
    }

    private static async Task<int> RunAsync(MailServerOptions options, Action started, ServerSignals signals, NodeLog logging)
    {
        var (log, levels, warnings) = logging;
        var cancel = signals.Stopping;
        using var alone = await LockAsync(options, log.Logger, cancel);
        // Before anything is opened: an error in the middle of the start would not name the port.
        PortCheck.RequireFree(options);
        log.BeginStart();
        BackupRestorer.RefuseIncomplete(options.Storage.DataDir);
        using var node = Node.Compose(options, new Serilog.Extensions.Logging.SerilogLoggerFactory(log.Logger));
        log.Health.ReportTo(node.Problems);
        warnings.KeepIn(options.Storage.NodeDir, TimeProvider.System, node.Logger);
        await using var audit = node.Access.Audit;
        await using var app = Build(options, node, log.Logger, levels, warnings);
        var reload = new SignalActions(log, new CertificateAdministration(app.Services.GetRequiredService<ActorRegistry>(), node.Certificates), node.ReloadScripts, node.Logger);
        app.Lifetime.ApplicationStarted.Register(() => AdminSocket.Protect(options.Storage.AdminSocketPath));
        app.Lifetime.ApplicationStarted.Register(started);
        app.Lifetime.ApplicationStarted.Register(() => _ = Task.Run(() => node.ReportFoldersAsync(cancel), cancel));
        app.Lifetime.ApplicationStopping.Register(() => app.Services.GetRequiredService<ActorRegistry>()
            .Get<SessionRegistryActor>().Tell(new SessionProtocol.Drain("the server is stopping")));
        var life = NodeLifetime.Watch(app, options, node);
        LogStarting(node.Logger, options.Server.Hostname, BuildVersion.Version);
        signals.Attach(reload.Perform, reload.TerminateImmediately);
        await app.RunAsync(cancel);
        LogStopped(node.Logger);
        return life.ExitCode;
    }

    private sealed record NodeLog(LogPipeline Pipeline, LogLevels Levels, RecentWarnings Warnings);

    /// <summary>Takes the data lock. Waits for a command that works on the data without a server, such as an import.</summary>
    private static async Task<DataDirectoryLock?> LockAsync(MailServerOptions options, Serilog.ILogger log, CancellationToken cancel) =>
        Directory.Exists(options.Storage.NodeDir) || options.Cluster.Enabled
            ? await DataDirectoryLock.TakeAsync(options.Storage.NodeDir, "", CommandPatience, reason => log.Warning("{Reason}", reason), TimeProvider.System, cancel)
            : null;

    /// <summary>Builds the node's host without starting it.</summary>
    internal static WebApplication Build(MailServerOptions options, Node node, Serilog.ILogger log, LogLevels levels, RecentWarnings warnings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Host.UseSerilog(log);
        builder.Services.AddSystemd();
        builder.Services.AddHostedService<SystemdWatchdog>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Server.ShutdownTimeout);
        builder.Services.AddAkka("mailserver", akka => akka
            .ConfigureLoggers(static logging =>
            {
                logging.ClearLoggers();
                logging.LogLevel = Akka.Event.LogLevel.WarningLevel;
                logging.AddLoggerFactory();
            })
            .AddHocon(ActorConfiguration(), HoconAddMode.Append)
            .AddHocon(SharedStores.Journal(options), HoconAddMode.Append)
            .AddClusterIfEnabled(node.Services)
            .AddMailServer(node.Services)
            .AddManagedCertificates(node));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMailTransport();
        if (options.Admin.Enabled) builder.Services.AddSingleton(new PrometheusCollector());
        builder.WebHost.ConfigureKestrel((_, kestrel) => Listen(kestrel, options, node));

        var app = builder.Build();
        WebPipelines.Use(app, options, node, levels, warnings);
        return app;
    }

    private static Config ActorConfiguration() =>
        ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "mailserver.conf")));

    private static void Listen(KestrelServerOptions kestrel, MailServerOptions options, Node node)
    {
        kestrel.AddServerHeader = false;
        var registry = kestrel.ApplicationServices.GetRequiredService<ActorRegistry>();
        var parts = node.ListenerParts(new SessionStarter(() => registry.Get<SessionRegistryActor>()));
        var listeners = options.Server.Listen.SelectMany(address => MailPorts(options.Server)
            .Where(port => port.Port != 0)
            .Select(port => new MailListenerOptions(port.Kind, address, port.Port)));
        kestrel.ListenMail(listeners, parts);

        WebListeners.Listen(kestrel, options.Server, node);
        AdminSocket.Listen(kestrel, options.Storage.AdminSocketPath);
        WebPageHosting.Listen(kestrel, options.Admin, node);
    }

    private static IEnumerable<(ListenerKind Kind, int Port)> MailPorts(ServerOptions server) =>
    [
        (ListenerKind.Smtp, server.SmtpPort),
        (ListenerKind.Submission, server.SubmissionPort),
        (ListenerKind.Submissions, server.SmtpsPort),
        (ListenerKind.Imap, server.ImapPort),
        (ListenerKind.Imaps, server.ImapsPort),
        (ListenerKind.ManageSieve, server.ManagesievePort),
        (ListenerKind.ManageSieves, server.ManagesievesPort),
    ];

    [LoggerMessage(Level = LogLevel.Information, Message = "mailserver {Version} starting as {Hostname}")]
    private static partial void LogStarting(Microsoft.Extensions.Logging.ILogger logger, string hostname, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "mailserver stopped")]
    private static partial void LogStopped(Microsoft.Extensions.Logging.ILogger logger);
}
