using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>One node of a test cluster: a process with its own loopback address.</summary>
public sealed class ClusterNode(ClusterRig rig, string name, string address)
{
    private Process? _process;

    public string Name => name;

    public string Address => address;

    /// <summary>The address under which the other node reaches it (<see cref="BreakableLink"/>).</summary>
    public string FrontAddress => address + "0";

    public int Smtp { get; } = FreePort.Take();

    public int Submission { get; } = FreePort.Take();

    public int Imap { get; } = FreePort.Take();

    public int Dav { get; } = FreePort.Take();

    public int ManageSieve { get; } = FreePort.Take();

    public string ConfigFile => Path.Combine(rig.Folder, name + ".yaml");

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>The number of starts.</summary>
    public int Starts { get; private set; }

    /// <summary>The exit codes of its earlier runs.</summary>
    public List<int> Ended { get; } = [];

    public bool IsRunning => _process is { HasExited: false };

    private string LogFile => Path.Combine(rig.Folder, name + ".log");

    public void Configure(IEnumerable<ClusterNode> all, string database, string extra) => File.WriteAllText(ConfigFile, string.Create(CultureInfo.InvariantCulture, $"""
        server:
          hostname: mail.example.test
          listen: {address}
          smtp_port: {Smtp}
          submission_port: {Submission}
          smtps_port: 0
          imap_port: {Imap}
          imaps_port: 0
          managesieve_port: {ManageSieve}
          dav_port: {Dav}
        storage:
          data_dir: {rig.Folder}/data
        security:
          require_tls: false
          verify_spf: false
          verify_dkim: false
          verify_dmarc: false
          argon2_memory: 64KB
          argon2_passes: 1
        delivery:
          private_hosts: true
          relay_host: 127.0.0.1:9
          require_tls: false
        logging:
          output: {LogFile}
        cluster:
          enabled: true
          node: {name}
          listen: {address}
          public_address: {FrontAddress}
          port: {rig.ClusterPort}
          seeds: [{string.Join(", ", all.Select(n => $"{n.FrontAddress}:{rig.ClusterPort}"))}]
          database: {database}
        {extra}
        """));

    public Task<ProgramRun> CliAsync(params string[] arguments) => ProgramRun.StartAsync(ProjectPaths.Executable, [.. arguments, "--config", ConfigFile]);

    /// <summary>Starts the process and waits until its ports answer.</summary>
    public async Task StartAsync()
    {
        Launch();
        await Eventually.BecomesTrueAsync(async () => await AnswersAsync(Smtp) && await AnswersAsync(Imap), name + " answers", TimeSpan.FromSeconds(60));
    }

    /// <summary>Starts the process.</summary>
    public void Launch()
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "exec \"$0\" serve --config \"$1\" >>\"$2\" 2>&1", ProjectPaths.Executable, ConfigFile, Path.Combine(rig.Folder, name + ".out") },
            UseShellExecute = false,
        };
        start.Environment["DOTNET_ROOT"] = ProjectPaths.DotnetRoot;
        if (_process is { HasExited: true }) Ended.Add(_process.ExitCode);
        _process?.Dispose();
        _process = Process.Start(start);
        Starts++;
    }

    /// <summary>Waits until it serves every account, itself or through the other node.</summary>
    public Task ServesAsync(TimeSpan within) => Eventually.BecomesTrueAsync(
        async () =>
        {
            try
            {
                foreach (var account in rig.Accounts) await new UidLedger().LookAsync(this, account);
                return true;
            }
            catch (Exception e) when (e is IOException or SocketException or MailKit.Net.Imap.ImapProtocolException or MailKit.Net.Imap.ImapCommandException or MailKit.Security.AuthenticationException or TimeoutException)
            {
                return false;
            }
        },
        name + " serves every account", within);

    public Task SignalAsync(string signal) => Signals.SendAsync(_process!.Id, signal);

    public async Task<int> ExitCodeAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within);
        await _process!.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async Task KillAsync()
    {
        if (_process is not { HasExited: false } process) return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    private async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
