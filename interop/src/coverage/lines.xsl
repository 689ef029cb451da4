<?xml version="1.0" encoding="UTF-8"?>
<!-- From JaCoCo's report: the share of lines that tests reach, of all packages together and of each. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/report">
    <xsl:text>Lines reached by tests:&#10;</xsl:text>
    <xsl:apply-templates select="counter[@type='LINE']"/>
    <xsl:for-each select="package">
      <xsl:sort select="@name"/>
      <xsl:apply-templates select="counter[@type='LINE']"/>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="counter">
    <xsl:variable name="all" select="@covered + @missed"/>
    <xsl:value-of select="concat('  ', format-number(100 * @covered div $all, '0.0'), ' % of ', $all, ' in ', translate(../@name, '/', '.'), '&#10;')"/>
  </xsl:template>
</xsl:stylesheet>
