using Akka.Actor.Setup;

namespace MailServer.Actors.Serialization;

/// <summary>What the nodes of a cluster share on disk, and name to each other instead of sending it.</summary>
/// <param name="MaildirDirectory">The Maildirs: a message that is read lies below.</param>
/// <param name="LargeDirectory">Where messages wait that are larger than a frame.</param>
/// <param name="Node">The name of this node.</param>
public sealed record WireFolders(string MaildirDirectory, string LargeDirectory, string Node);

/// <summary>Brings the folders to the serializer.</summary>
public sealed class WireSetup(WireFolders folders) : Setup
{
    public WireFolders Folders => folders;
}
