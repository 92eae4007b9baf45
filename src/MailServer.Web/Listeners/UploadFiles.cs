using System.Runtime.InteropServices;

namespace MailServer.Web.Listeners;

/// <summary>
/// Counts the temporary files of arriving request bodies. One client may hold a quarter of them, so that slow uploads of one user do not take them from
/// the others. Thread-safe.
/// </summary>
/// <param name="most">Maximum number of files of the node.</param>
internal sealed class UploadFiles(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _ofClient = new(StringComparer.Ordinal);
    private int _open;

    /// <summary>True if there is no file.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _open == 0 && _ofClient.Count == 0;
        }
    }

    private int MostOfClient => Math.Max(1, most / 4);

    /// <summary>Counts a file of a client; false if there are too many.</summary>
    public bool TryAdd(string client)
    {
        lock (_gate)
        {
            if (_open >= most) return false;
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofClient, client, out _);
            if (count >= MostOfClient) return false;
            count++;
            _open++;
            return true;
        }
    }

    public void Remove(string client)
    {
        lock (_gate)
        {
            _open--;
            if (--CollectionsMarshal.GetValueRefOrNullRef(_ofClient, client) == 0) _ofClient.Remove(client);
        }
    }
}
