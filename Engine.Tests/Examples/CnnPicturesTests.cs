using System.CommandLine;
using System.Text.Json.Nodes;
using Engine.Core;
using Engine.Examples;
using Engine.Layers;
using SkiaSharp;

namespace Engine.Tests.Examples;

/// <summary>What <c>examples -- cnn</c> leaves in its folder.</summary>
public class CnnPicturesTests
{
    private static readonly LabelledImages Digits = DrawnDigits.Draw(200, new Rng(3));

    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [TestCase]
    [TestCase("--augment", "--workers", "2")]
    public async Task Command_WritesItsLogAndPictures(params string[] further)
    {
        string[] files = [.. ImageFiles.Files.Select(file => Path.ChangeExtension(file, null))];
        byte[] pixels = [.. Enumerable.Range(0, Digits.Count).SelectMany(i => Digits.Pixels(i).ToArray())];
        foreach (string images in new[] { files[0], files[2] }) folder.Write(images, IdxFileTests.Idx([Digits.Count, 28, 28], pixels));
        foreach (string labels in new[] { files[1], files[3] }) folder.Write(labels, IdxFileTests.Idx([Digits.Count], Digits.Labels.ToArray()));
        string result = folder.File("run");
        int code = await Cnn.Command().Parse(["--data", folder.Path, "--limit", "160", "--epochs", "2", "--threads", "1", "--out", result, .. further])
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        Assert.That(code, Is.Zero);
        AssertPicture(Path.Combine(result, "curves.png"), CurvesPicture.Width, CurvesPicture.Height);
        AssertPicture(Path.Combine(result, "confusion.png"), ConfusionPicture.Width, ConfusionPicture.Height);
        AssertPicture(Path.Combine(result, "filters.png"), 746, 528);
        AssertPicture(Path.Combine(result, "mistakes.png"));
        string[] log = File.ReadAllLines(Path.Combine(result, "log.jsonl"));
        Assert.That(log.Select(line => (string?)JsonNode.Parse(line)!["kind"]).Distinct(), Is.EquivalentTo(new[] { "begin", "step", "epoch", "end" }));
        Assert.That((string?)JsonNode.Parse(File.ReadAllText(Path.Combine(result, "model.json")))!["kind"], Is.EqualTo("Sequential"));
    }

    [Test]
    public void Mistakes_AreWrongAnswers_WithTheirTrueClasses()
    {
        int[] predicted = [.. Enumerable.Range(0, Digits.Count).Select(i => i % 3 == 0 ? (Digits.Labels[i] + 1) % 10 : Digits.Labels[i])];
        var images = new ImageSource("digits", Digits, Digits, ImageFiles.Mnist.ClassNames);
        int[] wrong = MistakesPicture.Wrong(predicted, Digits);
        Assert.That(wrong, Is.EqualTo(Enumerable.Range(0, Digits.Count).Where(i => i % 3 == 0)));
        var page = MistakesPicture.Page(predicted, images);
        Assert.That(page.Tiles, Has.Count.EqualTo(24));
        for (int t = 0; t < page.Tiles.Count; t++)
        {
            int label = Digits.Labels[wrong[t]];
            Assert.That(page.Tiles[t].Lines, Is.EqualTo(new[] { $"true: {label}", $"predicted: {(label + 1) % 10}" }));
            Assert.That(page.Tiles[t].Pixels[14, 14].Red, Is.EqualTo(Digits.Pixels(wrong[t])[14 * 28 + 14]));
        }
    }

    [Test]
    public void Mistakes_WithNone_SaySo()
    {
        int[] predicted = [.. Digits.Labels.ToArray().Select(label => (int)label)];
        MistakesPicture.Save(folder.File("none.png"), predicted, new ImageSource("digits", Digits, Digits, ImageFiles.Mnist.ClassNames));
        AssertPicture(folder.File("none.png"), fewestColours: 3);
    }

    [Test]
    public void Words_AreDrawn_InTheTypefaceThatThePicturesBring()
    {
        Assert.That(PictureFont.Typeface.FamilyName, Is.EqualTo("DejaVu Sans"));
        Assert.That(PictureFont.Typeface.ContainsGlyphs("T-shirt/top: −0.25 × ½, épée"), Is.True);
        new TilePage("A title", "and a note", [], 8, 76).Save(folder.File("words.png"));
        using var picture = SKBitmap.Decode(folder.File("words.png"));
        int dark = Enumerable.Range(0, picture.Width * 40).Count(p => picture.GetPixel(p % picture.Width, p / picture.Width).Red < 100);
        Assert.That(dark, Is.InRange(100, 2000));
    }

    [Test]
    public void Batches_OfWorkersWithoutAugmentation_AreTheOrdinaryOnes()
    {
        var images = new ImageSource("digits", Digits, Digits, ImageFiles.Mnist.ClassNames);
        var ordinary = CnnBatches.Of(images, 32, 5, augment: false, workers: 0).Epoch(3, Kernels.Device.Cpu);
        var loaded = CnnBatches.Of(images, 32, 5, augment: false, workers: 2).Epoch(3, Kernels.Device.Cpu);
        int batches = 0;
        foreach (var (one, other) in ordinary.Zip(loaded))
        {
            Assert.That(other.Inputs.ToArray(), Is.EqualTo(one.Inputs.ToArray()));
            Assert.That(other.Targets.ToArray<int>(), Is.EqualTo(one.Targets.ToArray<int>()));
            batches++;
        }
        Assert.That(batches, Is.EqualTo(7));
    }

    private static void AssertPicture(string path, int? width = null, int? height = null, int fewestColours = 20)
    {
        Assert.That(new FileInfo(path).Length, Is.LessThan(150_000), path);
        using var picture = SKBitmap.Decode(path);
        Assert.That(picture, Is.Not.Null, path);
        if (width is not null) Assert.That((picture.Width, picture.Height), Is.EqualTo((width, height)), path);
        Assert.That(picture.Pixels.Distinct().Count(), Is.GreaterThanOrEqualTo(fewestColours), path);
    }
}
