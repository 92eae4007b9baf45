using MailServer.Actors.Cluster;

namespace MailServer.Actors.Collections;

/// <summary>What calendars, address books and files need of their node.</summary>
internal interface ICollectionNode : IClusterNode
{
    /// <summary>Null: nobody is told of changes to collections.</summary>
    PushServices? Push { get; }
}
