using System.Globalization;
using System.Text;
using Engine.Layers;

namespace Engine.Tests;

public class AccentsTests
{
    /// <summary>Every character that Unicode 14 has, against the machine's normalization.</summary>
    [Test]
    public void AllCharacters_AreTheirDecompositionWithoutMarks()
    {
        if ("é".Normalize(NormalizationForm.FormD).Length == 1) Assert.Ignore("System.Globalization.Invariant: the machine normalizes nothing, and there is nothing to compare with.");
        for (int value = 0; value < 0x110000; value++)
        {
            // string.Normalize refuses those that are no characters; what later editions of Unicode decompose lies in these blocks.
            if ((value & 0xFFFE) == 0xFFFE || value is >= 0xD800 and < 0xE000 or >= 0x10000 and < 0x1D000 and not (>= 0x11080 and < 0x11380)) continue;
            var rune = new Rune(value);
            string bare = string.Concat(rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes().Where(part => Rune.GetUnicodeCategory(part) != UnicodeCategory.NonSpacingMark));
            if (Accents.Without(rune) != bare) Assert.Fail($"U+{value:X}: '{Accents.Without(rune)}', and not '{bare}'");
        }
        Assert.That(string.Concat("Ça déjà 각 \u0301Å".EnumerateRunes().Select(Accents.Without)), Is.EqualTo("Ca deja \u1100\u1161\u11A8 A"));
    }
}
