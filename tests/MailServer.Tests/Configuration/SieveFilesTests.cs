using MailServer.Actors.Filtering;
using MailServer.Configuration;

namespace MailServer.Tests.Configuration;

public sealed class SieveFilesTests
{
    [Fact]
    public void Without_paths_no_script_of_the_administrator_runs()
    {
        var scripts = new ServerScripts(ServerScripts.DefaultSendsPerHour);
        Assert.Empty(SieveFiles.Load(new SieveOptions(), scripts));
        Assert.Null(scripts.Before);
        Assert.Null(scripts.After);
    }
}
