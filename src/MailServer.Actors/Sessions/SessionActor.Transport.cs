using Akka.Actor;
using MailServer.Domain.Sessions;

namespace MailServer.Actors.Sessions;

// Replaces the pipes of the connection by encrypted or compressed ones.
internal abstract partial class SessionActor
{
    private bool _compressesNext;

    /// <summary>Performs the TLS handshake; the connection drops plaintext that the client sent early.</summary>
    protected Step StartTls()
    {
        if (_holdsInput)
        {
            CountInput();
            Connection.Input.AdvanceTo(_input.Start);
        }

        _holdsInput = false;
        _input = default;
        DrainOutput();
        Connection.StartTlsAsync(CancellationToken.None).AsTask()
            .PipeTo(Self, success: static tls => new TlsEstablished(tls), failure: static _ => ConnectionLost.Instance);
        return Step.Wait;
    }

    /// <summary>Compresses from here on; input that the client sent ahead is dropped.</summary>
    protected Step StartCompression()
    {
        ReleaseInput();
        // A push may still be on its way.
        if (_flushing) _compressesNext = true;
        else Compress();
        return Step.Wait;
    }

    private void Compress()
    {
        _compressesNext = false;
        DrainOutput();
        Connection.StartCompressionAsync().AsTask().PipeTo(Self, success: static () => CompressionStarted.Instance, failure: static _ => ConnectionLost.Instance);
    }

    private sealed record TlsEstablished(TlsInfo Tls) : INoSerializationVerificationNeeded;

    private sealed record CompressionStarted : INoSerializationVerificationNeeded
    {
        public static CompressionStarted Instance { get; } = new();
    }
}
