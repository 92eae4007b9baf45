using MailServer.Actors.Cluster;

namespace MailServer.Actors.Collections;

/// <summary>The dependencies of calendars, address books and files.</summary>
internal interface ICollectionNode : IClusterNode
{
    /// <summary>Null: no push messages are sent.</summary>
    PushServices? Push { get; }
}
