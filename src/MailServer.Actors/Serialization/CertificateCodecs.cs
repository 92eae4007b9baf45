using MailServer.Actors.Certificates;
using MailServer.Domain.Certificates;
using MailServer.Network.Acme;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for messages of the certificate actors.</summary>
internal static class CertificateCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Empty("certificates.show-1", new CertificateProtocol.ListCertificates()),
        Create<CertificateProtocol.CertificateList>("certificates.shown-1", (w, m) => w.List(m.Certificates, c => Write(w, c)), r => new(r.List(() => ReadStatus(r)))),
        Create<CertificateProtocol.Renew>("certificates.renew-1", (w, m) => w.Maybe(m.Name, w.Text), r => new(r.Maybe(r.Text))),
        Create<CertificateProtocol.RenewalStarted>("certificates.renewing-1", (w, m) => w.Int(m.Count), r => new(r.Int())),
        Create<CertificateProtocol.CertificateIssued>("certificates.issued-1", (w, m) => w.Text(m.Name), r => new(r.Text())),
        Create<CertificateProtocol.PresentChallenge>("certificates.present-1", (w, m) => Write(w, m.Answer), r => new(ReadAnswer(r))),
        Empty("certificates.presented-1", CertificateProtocol.ChallengePresented.Instance),
        Create<CertificateProtocol.WithdrawChallenge>("certificates.withdraw-1", (w, m) => Write(w, m.Answer), r => new(ReadAnswer(r))),
    ];

    private static void Write(WireWriter w, ChallengeAnswer m)
    {
        w.Text(m.Name);
        w.Text(m.Token);
        w.Text(m.KeyAuthorization);
    }

    private static ChallengeAnswer ReadAnswer(WireReader r) => new(r.Text(), r.Text(), r.Text());

    private static void Write(WireWriter w, CertificateStatus m)
    {
        w.Text(m.Name);
        w.Maybe(m.Facts, f => Write(w, f));
        w.Text(m.Source);
        w.MaybeValue(m.RenewAt, w.Time);
        w.Text(m.Failure);
        w.MaybeValue(m.FailedAt, w.Time);
        w.MaybeValue(m.NextAttempt, w.Time);
    }

    private static CertificateStatus ReadStatus(WireReader r) => new(r.Text(), r.Maybe(() => ReadFacts(r)))
    {
        Source = r.Text(),
        RenewAt = r.MaybeValue(r.Time),
        Failure = r.Text(),
        FailedAt = r.MaybeValue(r.Time),
        NextAttempt = r.MaybeValue(r.Time),
    };

    private static void Write(WireWriter w, CertificateDetails m)
    {
        w.List(m.Names, w.Text);
        w.Text(m.Issuer);
        w.Bool(m.SelfSigned);
        w.Time(m.NotBefore);
        w.Time(m.NotAfter);
        w.Text(m.Key);
        w.Text(m.Fingerprint);
        w.Text(m.KeyHash);
    }

    private static CertificateDetails ReadFacts(WireReader r) => new(r.List(r.Text), r.Text(), r.Bool(), r.Time(), r.Time(), r.Text(), r.Text(), r.Text());
}
