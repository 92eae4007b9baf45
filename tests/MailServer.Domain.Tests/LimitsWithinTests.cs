namespace MailServer.Domain.Tests;

/// <summary>What clients can make the server open fits into the limit of open files.</summary>
public sealed class LimitsWithinTests
{
    [Theory]
    [InlineData(Limits.MinOpenFiles)]
    [InlineData(1_500)]
    [InlineData(4_096)]
    [InlineData(65_536)]
    [InlineData(262_144)]
    [InlineData(long.MaxValue)]
    public void All_that_clients_can_open_fits_and_512_remain(long most)
    {
        var limits = Limits.Default.Within(most);
        var opened = (2L * limits.Connections) + (2L * limits.OpenStores) + limits.OpenContents + limits.RequestBodyFiles + (2L * limits.OutboundConnections);
        Assert.InRange(opened, 1, most - 512);
        Assert.All([limits.Connections, limits.OpenStores, limits.OpenContents, limits.RequestBodyFiles, limits.OutboundConnections], static n => Assert.InRange(n, 1, 20_000));
    }

    [Fact]
    public void A_high_or_unknown_limit_changes_nothing()
    {
        Assert.Equal(Limits.Default, Limits.Default.Within(null));
        Assert.Equal(Limits.Default, Limits.Default.Within(262_144));
    }
}
