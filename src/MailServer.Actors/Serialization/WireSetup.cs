using Akka.Actor.Setup;

namespace MailServer.Actors.Serialization;

/// <summary>Directories that the cluster nodes share.</summary>
/// <param name="MaildirDirectory">The Maildirs, which contain the messages that fetch replies refer to.</param>
/// <param name="LargeDirectory">Messages that are larger than a frame.</param>
/// <param name="Node">The name of this node.</param>
public sealed record WireFolders(string MaildirDirectory, string LargeDirectory, string Node);

/// <summary>Passes the directories to the serializer.</summary>
public sealed class WireSetup(WireFolders folders) : Setup
{
    public WireFolders Folders => folders;
}
