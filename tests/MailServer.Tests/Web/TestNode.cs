using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Hosting;
using MailServer.Configuration;
using MailServer.Hosting;
using MailServer.Network.Tests;
using MailServer.Tests.Commands;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace MailServer.Tests.Web;

/// <summary>A whole node in this process, on loopback, with every HTTP listener: its endpoints can be enumerated, and the matched endpoint of a request is recorded.</summary>
public class TestNode : IAsyncLifetime
{
    public const string Password = "correct horse 9";
    public const string Ann = "ann@example.org";
    public const string Ben = "ben@example.org";

    private readonly CommandRunner _commands = new();
    private readonly EndpointWatch _watch = new();
    private readonly Serilog.Core.Logger _log;
    private Node _node = null!;
    private WebApplication _app = null!;

    public TestNode() => _log = new LoggerConfiguration().MinimumLevel.Warning().WriteTo.Sink(Errors).CreateLogger();

    /// <summary>The errors that the node logged.</summary>
    public ErrorSink Errors { get; } = new();

    public int Dav { get; } = FreePort.Take();

    public int Https { get; } = FreePort.Take();

    public int Http { get; } = FreePort.Take();

    public int Admin { get; } = FreePort.Take();

    public string Folder => _commands.Folder;

    /// <summary>The pages on the HTTPS ports.</summary>
    public MailServer.Web.Pages.PageListener HttpsPages { get; private set; } = null!;

    /// <summary>Further settings of section <c>server</c>, each after a comma.</summary>
    protected virtual string ServerSettings => "";

    /// <summary>Further settings of section <c>admin</c>, each after a comma.</summary>
    protected virtual string AdminSettings => "";

    /// <summary>Further settings of section <c>storage</c>, each after a comma.</summary>
    protected virtual string StorageSettings => "";

    protected virtual string SecuritySettings => "ban_after: 0";

    public IReadOnlyList<ListenerAddress> Doors =>
    [
        new("admin.sock", WebListenerKind.AdminSocket, Path.Combine(_commands.Data, "admin.sock"), 0, Tls: false),
        new("admin port", WebListenerKind.AdminPort, null, Admin, Tls: true),
        new("dav port", WebListenerKind.Https, null, Dav, Tls: true),
        new("https port", WebListenerKind.Https, null, Https, Tls: true),
        new("http port", WebListenerKind.PlainHttp, null, Http, Tls: false),
    ];

    /// <summary>Every routed endpoint of the process.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints => [.. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public async Task InitializeAsync()
    {
        await _commands.SetUpAsync(Ann, Ben);
        await _commands.DoneAsync("user", "admin", "grant", Ann);
        await File.WriteAllTextAsync(_commands.Config, string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""
            server:
              {hostname: mail.example.org, listen: 127.0.0.1, smtp_port: 0, submission_port: 0, smtps_port: 0, imap_port: 0, imaps_port: 0,
               dav_port: {{Dav}}, https_port: {{Https}}, http_port: {{Http}}{{ServerSettings}}}
            storage: {data_dir: {{_commands.Data}}{{StorageSettings}}}
            security: {argon2_memory: 64KB, argon2_passes: 1, {{SecuritySettings}}}
            tls: {auto_tls: false}
            dns: {servers: ['127.0.0.1:1']}
            admin: {enabled: true, listen: 127.0.0.1, port: {{Admin}}, tls: true, names: [page.example.net]{{AdminSettings}}}
            """));
        var options = ConfigurationLoader.Load(_commands.Config, new Hashtable());
        HttpsPages = WebPageHosting.HttpsPages(options);
        _node = Node.Compose(options, new SerilogLoggerFactory(_log));
        _app = ServerHost.Build(options, _node, _log, new LogLevels(LogLevelOption.Warning), new RecentWarnings());
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _node.Dispose();
        await _log.DisposeAsync();
        _watch.Dispose();
        _commands.Dispose();
    }

    /// <summary>The problems that components of the node report.</summary>
    public MailServer.Domain.Health.NodeProblems Problems => _node.Problems;

    /// <summary>Sends a message of the server itself.</summary>
    public Task<MailServer.Domain.Delivery.SmtpReply> MailAsync(string to, string subject, string text) => new MailServer.Actors.Submission.AdministratorMail(
        _app.Services.GetRequiredService<Akka.Actor.ActorSystem>(), _node.Services.Spool, "mail.example.org", TimeProvider.System)
        .SendAsync(MailServer.Domain.Addresses.EmailAddress.Parse(to), subject, text, default);

    /// <summary>The accounts, domains and aliases of the node.</summary>
    public MailServer.Domain.Accounts.IDirectoryAdministration Administration => _node.Administration;

    /// <summary>The actors of the node.</summary>
    public ActorRegistry Actors => _app.Services.GetRequiredService<ActorRegistry>();

    /// <summary>The command line with the running node, with or without a terminal.</summary>
    public CommandRunner Commands => _commands;

    /// <summary>The command line with the running node.</summary>
    public Task<string> CliAsync(params string[] arguments) => _commands.DoneAsync(arguments);

    /// <summary>Records which endpoint is matched on which listener, as reported by the framework.</summary>
    public IReadOnlyCollection<(WebListenerKind? Came, WebListenerKind? Belongs, string Name)> Matched => _watch.Matched;

    private sealed class EndpointWatch : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly IDisposable _subscription;
        private readonly ConcurrentBag<IDisposable> _inner = [];

        public EndpointWatch() => _subscription = DiagnosticListener.AllListeners.Subscribe(this);

        public ConcurrentBag<(WebListenerKind?, WebListenerKind?, string)> Matched { get; } = [];

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.AspNetCore") _inner.Add(value.Subscribe(this, name => name == "Microsoft.AspNetCore.Routing.EndpointMatched"));
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is HttpContext http && http.GetEndpoint() is RouteEndpoint endpoint)
                Matched.Add((http.Listener(), ListenerOf(endpoint), NameOf(endpoint)));
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }

        public void Dispose()
        {
            _subscription.Dispose();
            foreach (var one in _inner) one.Dispose();
        }
    }

    public static WebListenerKind? ListenerOf(Endpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.Metadata.OfType<WebListenerKind>().Select(static l => (WebListenerKind?)l).FirstOrDefault();
    }

    public static string NameOf(RouteEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return $"{string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])} {endpoint.RoutePattern.RawText}";
    }

    public sealed class ErrorSink : Serilog.Core.ILogEventSink
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void Emit(LogEvent logEvent)
        {
            ArgumentNullException.ThrowIfNull(logEvent);
            if (logEvent.Level >= LogEventLevel.Error) Lines.Enqueue($"{logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)} {logEvent.Exception}");
        }
    }
}

/// <summary>A node that also serves the pages for administrators on its HTTPS ports.</summary>
public sealed class PublicAdminNode : TestNode
{
    protected override string AdminSettings => ", public: true";
}

/// <summary>A node with a directory for backups.</summary>
public sealed class BackedUpNode : TestNode
{
    public string Backups => Path.Combine(Folder, "backups");

    protected override string StorageSettings => $", backup_dir: {Backups}";
}

/// <summary>A node behind a proxy that sends the addresses of clients, with a token for metrics.</summary>
public sealed class ProxiedNode : TestNode
{
    public const string MetricsToken = "0123456789abcdef0123456789abcdef";

    protected override string ServerSettings => ", proxy_protocol_from: 127.0.0.1";

    protected override string SecuritySettings => "ban_after: 3";

    protected override string AdminSettings
    {
        get
        {
            var file = Path.Combine(Folder, "metrics.token");
            File.WriteAllText(file, MetricsToken + "\n");
            return $", metrics_token_file: {file}";
        }
    }
}

/// <summary>The address of one listener.</summary>
public sealed record ListenerAddress(string Name, WebListenerKind Listener, string? Socket, int Port, bool Tls)
{
    public override string ToString() => Name;
}
