using System.Reflection;
using Akka.Actor;
using MailServer.Common;
using MailServer.Hosting;
using MailServer.Tests.Commands;

namespace MailServer.Tests.Hosting;

/// <summary>Every reason for which a node can end, and its exit code: only a requested stop is not restarted.</summary>
public sealed class NodeExitCodeTests
{
    private static readonly Dictionary<string, int> Unasked = new(StringComparer.Ordinal)
    {
        ["(none)"] = ExitCodes.Restart,
        [nameof(CoordinatedShutdown.UnknownReason)] = ExitCodes.Restart,
        [nameof(CoordinatedShutdown.ActorSystemTerminateReason)] = ExitCodes.Restart,
        [nameof(CoordinatedShutdown.ClrExitReason)] = ExitCodes.Restart,
        [nameof(CoordinatedShutdown.ClusterDowningReason)] = ExitCodes.Restart,
        [nameof(CoordinatedShutdown.ClusterLeavingReason)] = ExitCodes.Success,
        [nameof(CoordinatedShutdown.ClusterJoinUnsuccessfulReason)] = ExitCodes.Restart,
        ["TlsHandshakeFailureReason"] = ExitCodes.Restart,
        ["NotAMemberReason"] = ExitCodes.Restart,
    };

    /// <summary>Every reason defined by the libraries and the server.</summary>
    private static IEnumerable<Type> Reasons()
    {
        Assembly[] assemblies =
        [
            typeof(CoordinatedShutdown).Assembly, typeof(Akka.Cluster.Cluster).Assembly, typeof(Akka.Cluster.Sharding.ClusterSharding).Assembly,
            typeof(Akka.Remote.RemoteActorRefProvider).Assembly, typeof(Akka.Hosting.AkkaConfigurationBuilder).Assembly, typeof(MailServer.Actors.NodeActorRegistration).Assembly, typeof(NodeExitCode).Assembly,
        ];
        return assemblies.Distinct().SelectMany(static a => a.GetTypes()).Where(static t => t.IsSubclassOf(typeof(CoordinatedShutdown.Reason)) && !t.IsAbstract);
    }

    public static TheoryData<string, bool> Cells()
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in Reasons().Select(static t => t.Name).Append("(none)").Distinct())
            foreach (var asked in new[] { true, false }) data.Add(name, asked);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_reason_has_its_exit_code(string reason, bool stopAsked)
    {
        Assert.True(Unasked.TryGetValue(reason, out var unasked), $"a new reason to end, {reason}: decide what its exit code is");
        var type = Reasons().FirstOrDefault(t => t.Name == reason);
        var instance = type is null ? null : (CoordinatedShutdown.Reason)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        Assert.Equal(stopAsked ? ExitCodes.Success : unasked, NodeExitCode.From(stopAsked, instance));
    }

    [Fact]
    public void Every_expected_exit_reason_exists()
    {
        var names = Reasons().Select(static t => t.Name).Append("(none)").ToHashSet(StringComparer.Ordinal);
        Assert.All(Unasked.Keys, name => Assert.Contains(name, names));
    }

    [Fact]
    public async Task An_unusable_configuration_has_its_own_exit_code()
    {
        using var commands = new CommandRunner();
        commands.Configure("server: {smtp_port: many}");
        await commands.FailedAsync(ExitCodes.Configuration, "serve");
    }

    [Fact]
    public void The_unit_restarts_after_every_exit_except_for_an_unusable_configuration()
    {
        var unit = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "systemd", "mailserver.service"));
        Assert.Contains("Restart=always", unit);
        Assert.Contains($"RestartPreventExitStatus={ExitCodes.Configuration}", unit);
        Assert.Contains("StartLimitIntervalSec=0", unit);
        int[] restarted = [ExitCodes.Success, ExitCodes.Failed, ExitCodes.Usage, ExitCodes.Restart];
        Assert.DoesNotContain(ExitCodes.Configuration, restarted);
    }
}
