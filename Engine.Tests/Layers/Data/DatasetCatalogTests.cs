using System.Security.Cryptography;
using Engine.Layers;

namespace Engine.Tests;

public class DatasetCatalogTests
{
    [Test]
    public void EachSet_HasWhatACatalogueSays([ValueSource(typeof(DatasetCatalog), nameof(DatasetCatalog.All))] PublishedDataset data)
    {
        Assert.That(DatasetCatalog.Get(data.Name), Is.SameAs(data));
        Assert.That((data.What, data.Licence), Is.Not.EqualTo(("", "")));
        Assert.That(data.Files, Is.Not.Empty);
        foreach (var file in data.Files)
        {
            Assert.That(file.Addresses, Is.Not.Empty.And.All.Matches<Uri>(address => address.IsAbsoluteUri && address.Scheme is "http" or "https"));
            Assert.That(file.Bytes is null or > 0);
        }
        Assert.That(data.Bytes, Is.EqualTo(data.Files.Any(f => f.Bytes is null) ? null : data.Files.Sum(f => f.Bytes!.Value)));
    }

    [Test]
    public void Names_AreDifferent_AndAnUnknownOneListsThem()
    {
        Assert.That(DatasetCatalog.All.Select(data => data.Name), Is.Unique);
        Assert.That(DatasetCatalog.Get("cifar-10"), Is.SameAs(DatasetCatalog.Cifar10));
        Assert.That(() => DatasetCatalog.Get("imagenet"), Throws.ArgumentException.With.Message.Contains("20newsgroups"));
        Assert.That(() => DatasetCatalog.Get("text"), Throws.ArgumentException, "two go by that name");
    }

    [Test]
    public void TheRealOnes_AreFound_WithTheDigestsThatTheyShouldHave()
    {
        if (Environment.GetEnvironmentVariable("ENGINE_DATA") is not { Length: > 0 } root) Assert.Ignore("ENGINE_DATA: names no folder.");
        else
        {
            var folders = new DataFolders { Given = root, Cache = Path.Combine(root, "none"), System = Path.Combine(root, "none") };
            var found = DatasetCatalog.All.Where(data => folders.Find(data) is not null).ToArray();
            if (found.Length == 0) Assert.Ignore("ENGINE_DATA: has none of them.");
            if (folders.Find(DatasetCatalog.TinyShakespeare) is { } folder)
            {
                var file = DatasetCatalog.TinyShakespeare.Files[0];
                byte[] bytes = File.ReadAllBytes(Path.Combine(folder, file.Name));
                Assert.That((bytes.LongLength, Convert.ToHexStringLower(SHA256.HashData(bytes))), Is.EqualTo((file.Bytes, file.Digest!.Hex)));
            }
            TestContext.Out.WriteLine(string.Join(", ", found.Select(data => data.Name)));
        }
    }
}
