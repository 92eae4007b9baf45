using MailServer.EndToEnd.Tests.Server;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>The certificate of the node link expires: the nodes can no longer connect, and neither exits because of it.</summary>
[Collection(nameof(ClusterCollection))]
public sealed class ExpiredCertificateTests
{
    [PostgresFact]
    public async Task A_node_with_an_expired_certificate_waits_reports_it_and_joins_after_renewal()
    {
        await using var rig = await ClusterRig.StartAsync(accounts: 2);
        using var authority = new NodeAuthority(rig.KeysFolder, "ours");
        // The authority is new, so both earlier certificates are invalid as well.
        foreach (var node in rig.Nodes) authority.Sign(node.Name);
        authority.Sign(rig.B.Name, expired: true);
        await rig.B.KillAsync();
        rig.B.Launch();
        await Eventually.BecomesTrueAsync(() => rig.A.Log.Contains("that is only valid from", StringComparison.Ordinal) || rig.B.Log.Contains("that is only valid from", StringComparison.Ordinal), "an expired certificate is refused", TimeSpan.FromSeconds(60));
        await Eventually.BecomesTrueAsync(() => rig.B.Log.Contains("certificate of the node link", StringComparison.Ordinal), "the node reports it", TimeSpan.FromSeconds(30));
        await rig.A.ServesAsync(TimeSpan.FromSeconds(60));
        await Task.Delay(TimeSpan.FromSeconds(15));
        Assert.True(rig.A.IsRunning && rig.A.Starts == 1, "the node with a good certificate goes on");
        Assert.True(rig.B.IsRunning, "the node with an expired one waits");
        authority.Sign(rig.B.Name);
        await rig.KeepUpAsync(rig.A, TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(0, rig.B.Ended);
    }
}
