using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Mailboxes;

/// <summary>Starts the region of mailboxes.</summary>
internal static class MailboxActorRegistration
{
    public static AkkaConfigurationBuilder AddMailboxes(this AkkaConfigurationBuilder builder, IMailboxNode node, AccountRegions regions) => builder.WithActors((system, registry) =>
    {
        var services = ServicesOf(node) with
        {
            Scripts = new ScriptServices { Server = node.Scripts, Spool = node.Spool, Mail = system.ActorSelection(ScriptMailProtocol.Path), Trace = node.Trace, Hostname = node.Hostname },
        };
        registry.Register<MailboxActor>(regions.Region(
            system, "mailboxes", MailboxActor.Region(services), (home, account) => MailboxActor.Props(account, services with { Home = home }), MailboxProtocol.Refusal));
    });

    private static MailboxServices ServicesOf(IMailboxNode node) => new()
    {
        MaildirDirectory = node.MaildirDirectory,
        SpoolDirectory = node.SpoolDirectory,
        Limits = node.Limits,
        Format = node.Format,
        Directory = node.Directory,
        ServerAnnotations = node.ServerAnnotations,
        Problems = node.Problems,
        Stores = node.Stores,
        OpenStores = node.OpenStores,
        Indexing = node.Indexing,
        Time = node.Time,
        Loggers = node.Loggers,
    };
}
